"""The command line as scripts see it: arguments in; stdout, stderr and exit code out. Each command runs as a process of its own."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from builders import make_role
from command_line import command, rolesearch, rolesearch_json
from fakes import WordEmbedder
from search.attributes.reading import with_attributes
from search.compare import compare_roles
from search.judgements import BAD, GOOD, Votes
from search.match import match_role
from search.records import Hit
from ui import side_by_side, terminal

ROOT = Path(__file__).resolve().parents[2]
JUDGEMENTS = ROOT / "corpus" / "judgements"

PLATFORM = "# Platform Lead\n\n## What you do\n\n- Run Kubernetes clusters for forty teams\n- Mentor junior engineers\n"
PAYROLL = "# Payroll Specialist\n\n## Your tasks\n\n- Pay wages and file social insurance returns every month\n"


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with two good roles and a broken one, ingested into the default index; read-only for tests."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "adverts").mkdir()
    (folder / "adverts" / "platform.md").write_text(PLATFORM, encoding="utf-8")
    (folder / "adverts" / "payroll.md").write_text(PAYROLL, encoding="utf-8")
    (folder / "adverts" / "scan.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    (folder / "adverts" / "photo.png").write_bytes(b"\x89PNG")
    report = rolesearch_json("ingest", "adverts", cwd=folder)
    assert (report["added"], report["updated"], report["removed"], report["unchanged"]) == (2, 0, 0, 0)
    return folder


@pytest.mark.model
def test_ingest_reports_what_it_did(desk: Path) -> None:
    report = rolesearch_json("ingest", "adverts", cwd=desk)
    assert (report["added"], report["updated"], report["removed"], report["unchanged"], report["embedded"]) == (0, 0, 0, 2, 0)
    assert [refusal["file"] for refusal in report["refused"]] == ["scan.pdf"]
    assert report["refused"][0]["reason"].startswith("not a PDF that can be read")
    assert report["skipped"] == ["photo.png"]
    assert report["chunks"] == 2


@pytest.mark.model
def test_strict_exits_with_3_when_something_was_refused(desk: Path) -> None:
    assert rolesearch_json("ingest", "adverts", "--strict", cwd=desk, exit_code=3)["refused"]


@pytest.fixture(scope="session")
def reposts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with an advert, its repost as a text file with a sentence more, and a stranger; read-only for tests."""
    folder = tmp_path_factory.mktemp("reposts")
    advert = "# Night Nurse\n\n" + "\n".join(
        f"- Look after ward {number} at night and write down what was done for each of its patients" for number in range(20)
    )
    (folder / "advert.md").write_text(advert, encoding="utf-8")
    (folder / "again.txt").write_text(advert.replace("# ", "").replace("- ", "• ") + "\n\nApply soon.\n", encoding="utf-8")
    (folder / "stranger.md").write_text(PAYROLL, encoding="utf-8")
    rolesearch("ingest", ".", "--index", "index", cwd=folder)
    return folder


@pytest.mark.model
def test_search_shows_one_of_each_and_names_the_others(reposts: Path) -> None:
    first, *others = rolesearch_json("search", "night nurse", "--index", "index", cwd=reposts)["hits"]
    (twin,) = first["twins"]
    assert {first["role_id"], twin["role_id"]} == {"advert.md", "again.txt"}
    assert twin == {"role_id": twin["role_id"], "title": "Night Nurse", "source": twin["role_id"], "grade": "certain"}
    assert [(hit["role_id"], hit["twins"]) for hit in others] == [("stranger.md", [])]
    every = rolesearch_json("search", "night nurse", "--all", "--index", "index", cwd=reposts)["hits"]
    assert {hit["role_id"] for hit in every} == {"advert.md", "again.txt", "stranger.md"}
    assert f"near-identical: {twin['role_id']} (certain)" in rolesearch("search", "night nurse", "--index", "index", cwd=reposts).stdout


@pytest.mark.model
def test_diff_shows_what_changes_of_roles_and_of_files(reposts: Path) -> None:
    answer = rolesearch_json("diff", "advert.md", "again.txt", "--index", "index", cwd=reposts)
    assert [role["role_id"] for role in answer["roles"]] == ["advert.md", "again.txt"]
    assert (answer["facts"], [change["change"] for change in answer["title"]]) == ([], ["same"])
    same, added = answer["text"]
    assert (same["change"], added["change"], added["first"]["text"], added["other"]["text"]) == ("same", "added", "", "Apply soon")
    assert answer["share"] > 0.9
    said = rolesearch("diff", "advert.md", str(reposts / "again.txt"), "--index", "index", cwd=reposts).stdout
    assert "words differ in 1 place" in said
    assert "{+Apply soon+}" in said
    assert "no role 'gone'" in rolesearch("diff", "advert.md", "gone", "--index", "index", cwd=reposts, exit_code=2).stderr


@pytest.mark.model
def test_search_answers_in_the_agreed_form(desk: Path) -> None:
    answer = rolesearch_json("search", "looks after clusters and teaches colleagues", "-k", "2", cwd=desk)
    assert set(answer) == {"query", "mode", "took_ms", "generation", "understood", "notes", "hits"}
    assert (answer["query"], answer["mode"]) == ("looks after clusters and teaches colleagues", "hybrid")
    assert [hit["role_id"] for hit in answer["hits"]] == ["platform.md", "payroll.md"]
    first = answer["hits"][0]
    assert set(first) == {"role_id", "title", "source", "score", "why", "attributes", "passages", "twins"}
    assert (first["title"], first["source"], first["attributes"]) == ("Platform Lead", "platform.md", {"level": "lead", "skills": ["Kubernetes", "mentoring"]})
    assert set(first["why"]) == {"dense", "dense_rank", "role", "lexical", "lexical_rank"}
    text = "What you do\n\n- Run Kubernetes clusters for forty teams\n- Mentor junior engineers"
    passage = first["passages"][0]
    assert set(passage) == {"text", "section", "start", "end", "score"}
    assert passage["text"] == text[passage["start"] : passage["end"]]
    assert passage["section"] == "responsibilities"


def test_how_a_query_was_read_is_in_the_answer(desk: Path) -> None:
    answer = rolesearch_json("search", 'senior engineers, "forty teams", at least 5 years, no kitchens -cook -"night shift"', "--mode", "lexical", cwd=desk)
    assert answer["understood"] == {
        "text": "senior engineers, forty teams",
        "wishes": [{"key": "level", "value": "senior", "said": "senior"}],
        "demands": [
            {"conditions": ["years>=5"], "said": "at least 5 years"},
            {"conditions": ["words!=kitchens"], "said": "no kitchens"},
        ],
        "phrases": ["forty teams"],
        "excluded": ["cook", "night shift"],
        "corrections": [],
    }


@pytest.mark.model
def test_a_correction_is_in_the_answer(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "payroll.md").write_text(PAYROLL, encoding="utf-8")
    (tmp_path / "wages.md").write_text("# Wages Clerk\n\nFiles insurance returns.\n", encoding="utf-8")
    rolesearch("ingest", tmp_path, "--index", tmp_path / "index", cwd=desk)
    search = ("search", "inusrance", "--mode", "lexical", "--index", tmp_path / "index")
    assert rolesearch_json(*search, cwd=desk)["understood"]["corrections"] == [{"said": "inusrance", "read": "insurance"}]
    assert rolesearch(*search, cwd=desk).stderr.splitlines() == ["Understood: family: finance; insurance for inusrance, which no role holds"]


def test_how_a_query_was_read_is_said_on_stderr(desk: Path) -> None:
    finished = rolesearch("search", "senior engineers and senior clusters, no kitchens", "--mode", "lexical", cwd=desk)
    assert finished.stderr.splitlines() == ["Understood: level: senior; no kitchens"]
    assert finished.stdout.startswith("1. Platform Lead")
    assert "Understood" not in finished.stdout
    assert rolesearch("search", "wages", "--mode", "lexical", cwd=desk).stderr == ""


def test_what_was_understood_cannot_drive_the_terminal(desk: Path) -> None:
    finished = rolesearch("search", "engineers, no \x1b[31mkitchens\u202e [bold]now[/bold]", "--mode", "lexical", cwd=desk)
    assert finished.stderr.startswith("Understood: no ")
    assert "[bold]now[" in finished.stderr
    assert not {"\x1b", "\u202e"} & set(finished.stderr)


def test_words_mode_needs_no_model(desk: Path) -> None:
    code = (
        "import sys; sys.argv = ['rolesearch', 'search', 'payroll inusrance', '--mode', 'lexical', '--json']\n"
        "import ui.cli\nui.cli.app(standalone_mode=False)\nprint('torch' in sys.modules or 'onnxruntime' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=desk, timeout=120, check=True)
    *answer, torch_was_imported = finished.stdout.splitlines()
    assert [hit["role_id"] for hit in json.loads("\n".join(answer))["hits"]] == ["payroll.md"]
    assert torch_was_imported == "False"


def test_filters_and_operators_are_taken_from_the_command_line(desk: Path) -> None:
    found = rolesearch_json("search", "engineers wages -clusters", "--mode", "lexical", cwd=desk)
    assert [hit["role_id"] for hit in found["hits"]] == ["payroll.md"]
    found = rolesearch_json("search", "engineers wages", "--mode", "lexical", "--filter", "level=lead", cwd=desk)
    assert [hit["role_id"] for hit in found["hits"]] == ["platform.md"]


def test_results_go_to_stdout_and_notes_to_stderr(desk: Path) -> None:
    finished = rolesearch("search", "zzzz", "--mode", "lexical", cwd=desk)
    assert finished.stdout == ""
    assert finished.stderr.startswith("No role was found.")


@pytest.mark.parametrize("text", ["", "   ", "!!!"])
def test_an_empty_query_is_explained(desk: Path, text: str) -> None:
    answer = rolesearch_json("search", text, cwd=desk)
    assert answer["hits"] == []
    assert answer["notes"] == ["The query is empty. Type a title, a skill or a sentence, such as: Kubernetes mentorship lead"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("ingest", "nowhere"), 2, "there is no file or folder nowhere"),
        (("search", "x", "--filter", "level"), 2, "not of the form key=value"),
        (("search", "x", "--filter", "level>=high"), 2, "needs a number"),
        (("search", "x", "-k", "0"), 2, "-k"),
        (("search", "x", "--index", "elsewhere"), 1, "rolesearch ingest PATH --index elsewhere"),
        (("doctor", "--index", "elsewhere"), 1, "there is no index in elsewhere"),
        (("evaluate", "--queries", "none.tsv", "--qrels", "none"), 2, "cannot be read"),
        (
            ("evaluate", "--queries", "none.tsv", "--qrels", "none", "--mode", "magic"),
            2,
            "there is no mode 'magic' to measure; there are hybrid, dense, lexical",
        ),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_what_a_user_can_cure_is_said_in_one_message(desk: Path, arguments: tuple[str, ...], exit_code: int, said: str) -> None:
    finished = rolesearch(*arguments, cwd=desk, exit_code=exit_code)
    assert said in finished.stderr
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr


def test_a_second_writer_leaves_with_4(desk: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / "role.md").write_text(PAYROLL, encoding="utf-8")
    index = tmp_path / "index"
    index.mkdir()
    with FileLock(index / "lock"):
        finished = rolesearch("ingest", tmp_path / "role.md", "--index", index, cwd=desk, exit_code=4)
    assert "another process is writing" in finished.stderr


def test_the_index_is_named_by_option_then_environment_then_file(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rolesearch.toml").write_text('index = "from-file"\n', encoding="utf-8")
    assert "from-file" in rolesearch("doctor", cwd=tmp_path, exit_code=1).stderr
    monkeypatch.setenv("ROLESEARCH_INDEX", "from-environment")
    assert "from-environment" in rolesearch("doctor", cwd=tmp_path, exit_code=1).stderr
    assert "from-option" in rolesearch("doctor", "--index", "from-option", cwd=tmp_path, exit_code=1).stderr
    monkeypatch.delenv("ROLESEARCH_INDEX")
    (tmp_path / "rolesearch.toml").write_text('indx = "typo"\n', encoding="utf-8")
    assert "indx" in rolesearch("doctor", cwd=tmp_path, exit_code=2).stderr


@pytest.mark.model
def test_doctor_says_what_built_the_index(desk: Path) -> None:
    status = rolesearch_json("doctor", cwd=desk)
    assert status["ok"]
    assert {check["check"] for check in status["checks"]} > {"files", "ids", "offsets", "vectors", "recall", "model", "disk", "versions"}
    assert [check for check in status["checks"] if check["problem"] or check["cure"]] == []
    assert (status["roles"], status["chunks"], status["width"]) == (2, 2, "384")
    assert status["model"].startswith("all-MiniLM-L6-v2@")
    assert [refusal["file"] for refusal in status["refused"]] == ["scan.pdf"]


@pytest.mark.model
def test_doctor_names_what_is_wrong_exits_with_1_and_repairs_it(desk: Path, tmp_path: Path) -> None:
    index = shutil.copytree(desk / ".rolesearch", tmp_path / "index")
    (next((index / "generations").iterdir()) / "lexical" / "meta.json").unlink()
    (index / "embeddings.sqlite3").unlink()
    wrong = rolesearch("doctor", "--index", index, cwd=tmp_path, exit_code=1).stdout.splitlines()
    assert [line.split(":")[0] for line in wrong if line.startswith("wrong")] == ["wrong  generation", "wrong  files", "wrong  embeddings"]
    assert all(f"rolesearch doctor --repair --index {index}" in line for line in wrong if line.startswith("wrong"))
    assert "the words (lexical/meta.json) is missing" in "".join(wrong)
    assert "the words (lexical/meta.json) is missing" in rolesearch("search", "wages", "--index", index, cwd=tmp_path, exit_code=1).stderr
    repaired = rolesearch_json("doctor", "--repair", "--index", index, cwd=tmp_path)
    assert repaired["ok"]
    assert repaired["repaired"] == [
        "2 embeddings were taken from the vectors of generation 000001",
        "generation 000002 was derived from the manifest of 000001; 0 chunks were embedded",
    ]
    assert [hit["role_id"] for hit in rolesearch_json("search", "wages", "--mode", "lexical", "--index", index, cwd=tmp_path)["hits"]] == ["payroll.md"]


MEASURES = ("nDCG@10", "MRR@10", "R@10")


@pytest.fixture
def judged(tmp_path: Path) -> tuple[str | Path, ...]:
    """Options that name judged queries: two of the kind "pay", of which words find one, one of "cloud", one that nothing fits."""
    (tmp_path / "queries.tsv").write_text("pay-1\twages\npay-2\tremuneration\ncloud-1\tclusters\nnone-1\tastronaut\n", encoding="utf-8")
    (tmp_path / "qrels").write_text("pay-1 0 payroll.md 3\npay-2 0 payroll.md 1\ncloud-1 0 platform.md 1\n", encoding="utf-8")
    return "--queries", tmp_path / "queries.tsv", "--qrels", tmp_path / "qrels"


def test_evaluate_measures_each_query(desk: Path, tmp_path: Path) -> None:
    queries, qrels = tmp_path / "queries.tsv", tmp_path / "qrels"
    queries.write_text("a\twages\nb\tclusters\nc\tastronaut\n", encoding="utf-8")
    qrels.write_text("a 0 payroll.md 3\nb 0 payroll.md 1\n", encoding="utf-8")
    options = ("--queries", queries, "--qrels", qrels, "--mode", "lexical")
    means = rolesearch_json("evaluate", *options, cwd=desk)
    assert {name: means[name] for name in ("nDCG@10", "MRR@10", "R@10", "queries", "unjudged")} == {
        "nDCG@10": 0.5,
        "MRR@10": 0.5,
        "R@10": 0.5,
        "queries": 2,
        "unjudged": 1,
    }
    assert means["p95_ms"] >= means["p50_ms"] > 0
    rows = rolesearch("evaluate", *options, "--per-query", cwd=desk).stdout.splitlines()
    assert [row.split("\t")[:3] for row in rows] == [["id", "text", "nDCG@10"], ["a", "wages", "1.0"], ["b", "clusters", "0.0"]]


def test_evaluate_gives_intervals_and_kinds(desk: Path, judged: tuple[str | Path, ...]) -> None:
    found = rolesearch_json("evaluate", *judged, "--mode", "lexical", cwd=desk)
    assert found["intervals"] == {key: [0.0, 1.0] for key in MEASURES}
    assert found["by_kind"] == {
        "pay": dict.fromkeys(MEASURES, 0.5) | {"queries": 2, "intervals": {key: [0.0, 1.0] for key in MEASURES}},
        "cloud": dict.fromkeys(MEASURES, 1.0) | {"queries": 1, "intervals": {key: [1.0, 1.0] for key in MEASURES}},
    }
    shown = [line.removeprefix("| ").split(" | ") for line in rolesearch("evaluate", *judged, "--mode", "lexical", "--by-kind", cwd=desk).stdout.splitlines()]
    assert [row[:6] for row in shown] == [
        ["mode", *MEASURES, "queries", "unjudged"],
        ["---"] * 6,
        ["lexical", *["0.667 [0.000, 1.000]"] * 3, "3", "1"],
        ["lexical, pay", *["0.500 [0.000, 1.000]"] * 3, "2", ""],
        ["lexical, cloud", *["1.000 [1.000, 1.000]"] * 3, "1", ""],
    ]
    assert len(rolesearch("evaluate", *judged, "--mode", "lexical", cwd=desk).stdout.splitlines()) == 3


@pytest.mark.model
def test_evaluate_compares_with_another_mode(desk: Path, judged: tuple[str | Path, ...]) -> None:
    options = ("evaluate", *judged, "--mode", "lexical", "--against", "dense")
    found = rolesearch_json(*options, cwd=desk)["against"]
    assert set(found) == {"name", "queries", "differences", "worse"}
    assert (found["name"], found["queries"], set(found["differences"])) == ("dense", 3, set(MEASURES))
    recall = found["differences"]["R@10"]
    assert (recall["mean"], recall["low"], recall["high"]) == (-0.3333, -1.0, 0.0)
    assert recall["p"] == 1
    assert [(query["id"], query["text"]) for query in found["worse"]] == [("pay-2", "remuneration")]
    assert found["worse"][0]["difference"] == pytest.approx(3 * found["differences"]["nDCG@10"]["mean"], abs=1e-3)
    lines = rolesearch(*options, cwd=desk).stdout.splitlines()
    loss = f"{found['worse'][0]['difference']:+.3f}"
    assert lines[3:5] == ["", "lexical against dense, 3 queries:"]
    assert lines[7:] == ["R@10 -0.333 [-1.000, +0.000], p = 1.000", "1 query got worse:", f"{loss}  pay-2  remuneration"]


def test_evaluate_compares_with_an_earlier_run_that_was_kept(desk: Path, judged: tuple[str | Path, ...], tmp_path: Path) -> None:
    options = ("evaluate", *judged, "--mode", "lexical")
    run = rolesearch_json(*options, "--per-query", cwd=desk)
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    same = rolesearch_json(*options, "--against", tmp_path / "run.json", cwd=desk)["against"]
    unchanged = {key: {"mean": 0, "low": 0, "high": 0, "p": 1} for key in MEASURES}
    assert same == {"name": str(tmp_path / "run.json"), "queries": 3, "differences": unchanged, "worse": []}
    assert "0 queries got worse." in rolesearch(*options, "--against", tmp_path / "run.json", cwd=desk).stdout.splitlines()

    better, otherwise, elsewhere = run["per_query"]
    rows = [better | {"nDCG@10": 0.75}, otherwise | {"nDCG@10": 0.1 + 0.2}, elsewhere | {"text": "another question"}]
    (tmp_path / "run.json").write_text(json.dumps({"per_query": rows}), encoding="utf-8")
    found = rolesearch_json(*options, "--against", tmp_path / "run.json", cwd=desk)["against"]
    assert (found["queries"], found["worse"]) == (2, [{"id": "pay-2", "text": "remuneration", "difference": -0.3}])
    assert found["differences"]["nDCG@10"] == {"mean": -0.025, "low": -0.3, "high": 0.25, "p": 1.0}


@pytest.mark.parametrize(
    "content", ["no JSON", "[1, 2]", '{"nDCG@10": 0.5}', '{"per_query": [{"id": "pay-1", "text": "wages", "nDCG@10": 1.0}]}', None, b"\xff\xfe"]
)
def test_a_file_that_is_no_run_is_named(desk: Path, judged: tuple[str | Path, ...], tmp_path: Path, content: str | bytes | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content.encode() if isinstance(content, str) else content)
    finished = rolesearch("evaluate", *judged, "--mode", "lexical", "--against", tmp_path / "run.json", cwd=desk, exit_code=2)
    assert str(tmp_path / "run.json") in finished.stderr
    assert "Traceback" not in finished.stderr


def test_of_many_losses_the_first_twenty_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    worse = [{"id": f"q-{number}", "text": f"text \x1b[31m{number}", "difference": -0.9 + number / 100} for number in range(25)]
    differences = {"nDCG@10": {"mean": -0.0001, "low": -0.0411, "high": 0.0041, "p": 0.0004}}
    values = dict.fromkeys(MEASURES, 0.5) | {"intervals": {key: [0.4, 0.6] for key in MEASURES}, "queries": 25, "unjudged": 0, "p50_ms": 1, "p95_ms": 2}
    evaluation = values | {"by_kind": {}, "against": {"name": "run.json", "queries": 25, "differences": differences, "worse": worse}}
    terminal.print_evaluations({"dense": evaluation}, by_kind=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[5:8] == ["nDCG@10 +0.000 [-0.041, +0.004], p < 0.001", "25 queries got worse:", "-0.900  q-0  text [31m0"]
    assert lines[-2:] == ["-0.710  q-19  text [31m19", "and 5 more, which --json lists"]


@pytest.mark.model
def test_all_modes_are_measured_and_compared_alike(desk: Path, judged: tuple[str | Path, ...]) -> None:
    found = rolesearch_json("evaluate", *judged, "--all-modes", "--per-query", "--against", "lexical", cwd=desk)
    assert list(found) == ["hybrid", "dense", "lexical"]
    assert [len(one["per_query"]) for one in found.values()] == [3, 3, 3]
    assert {name: one["against"]["differences"]["R@10"]["mean"] for name, one in found.items()} == {"hybrid": 0.3333, "dense": 0.3333, "lexical": 0}
    rows = rolesearch("evaluate", *judged, "--all-modes", "--per-query", cwd=desk).stdout.splitlines()
    assert [row.split("\t")[:2] for row in rows[:5]] == [["mode", "id"], ["hybrid", "pay-1"], ["hybrid", "pay-2"], ["hybrid", "cloud-1"], ["dense", "pay-1"]]


def test_votes_from_the_page_can_be_evaluated(desk: Path, tmp_path: Path) -> None:
    votes = Votes(tmp_path)
    votes.give("wages -kitchen", "payroll.md", GOOD)
    votes.give("clusters", "payroll.md", BAD)
    found = rolesearch_json("evaluate", "--queries", votes.queries, "--qrels", votes.qrels, "--mode", "lexical", cwd=desk)
    assert (found["nDCG@10"], found["queries"], found["unjudged"], list(found["by_kind"])) == (1.0, 1, 1, ["vote"])


def test_text_of_a_role_cannot_drive_the_terminal(tmp_path: Path, desk: Path) -> None:
    from ui.present import printable

    assert printable("red \x1b[31malert\x07 \u202etxt\nnext") == "red [31malert txt next"


@pytest.mark.model
def test_similar_takes_ids_phrases_and_a_text(desk: Path) -> None:
    answer = rolesearch_json("similar", "platform.md", cwd=desk)
    assert ([hit["role_id"] for hit in answer["hits"]], answer["query"]) == (["payroll.md"], "")
    assert (answer["like"], answer["unlike"]) == ({"roles": ["platform.md"], "phrases": []}, {"roles": [], "phrases": []})
    plain = rolesearch_json("search", "work", "--mode", "dense", cwd=desk)
    steering = ("--mode", "dense", "--like", "wages and insurance", "--not", "Kubernetes clusters")
    steered = rolesearch_json("similar", "work", *steering, cwd=desk)
    assert ([hit["role_id"] for hit in steered["hits"]], steered["query"]) == (["payroll.md", "platform.md"], "work")
    assert (steered["like"]["phrases"], steered["unlike"]["phrases"]) == (["wages and insurance"], ["Kubernetes clusters"])
    before, after = ({hit["role_id"]: hit["why"]["dense"] for hit in one["hits"]} for one in (plain, steered))
    assert after["payroll.md"] > before["payroll.md"]
    assert after["platform.md"] < before["platform.md"]
    filtered = ("similar", "work", *steering, "--filter", "level=lead", "-k", "1")
    assert [hit["role_id"] for hit in rolesearch_json(*filtered, cwd=desk)["hits"]] == ["platform.md"]


@pytest.mark.model
def test_how_names_were_taken_is_said_on_stderr(desk: Path) -> None:
    finished = rolesearch("similar", "platform.md", "wages", "--not", "night \x1b[31mshifts", cwd=desk)
    assert finished.stderr.splitlines()[:3] == ["Like: platform.md", "Unlike: “night [31mshifts”", "Text: “wages”"]
    assert finished.stdout.startswith("1. Payroll Specialist")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing was named that is liked"),
        (("--not", "platform.md"), "nothing was named that is liked"),
        (("platfrom.md",), "the index has no role 'platfrom.md'"),
        (("platform.md", "--not", "payrol.pdf#2"), "the index has no role 'payrol.pdf#2'"),
        (("wages", "clusters", "payroll.md"), "2 texts were given that are no role's id: 'wages', 'clusters'"),
    ],
)
def test_similar_says_what_is_wrong(arguments: tuple[str, ...], said: str, desk: Path) -> None:
    finished = rolesearch("similar", *arguments, cwd=desk, exit_code=2)
    assert said in finished.stderr
    assert finished.stdout == ""


CV = "Cluster engineer\n\nI run Kubernetes clusters for ten teams. I mentor junior engineers.\nI have no experience with payroll."


@pytest.mark.model
def test_match_answers_with_a_table_for_each_role(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "cv.txt").write_text(CV, encoding="utf-8")
    answer = rolesearch_json("match", tmp_path / "cv.txt", "-k", "2", cwd=desk)
    assert (set(answer), answer["text"]["id"]) == ({"text", "matches"}, "cv.txt")
    assert [match["role_id"] for match in answer["matches"]] == ["platform.md", "payroll.md"]
    first = answer["matches"][0]
    assert set(first) == {"role_id", "title", "source", "score", "share", "met", "partly", "missing", "lines"}
    assert first["met"] + first["partly"] + first["missing"] == len(first["lines"])
    kubernetes = next(line for line in first["lines"] if line["asked"] == "Kubernetes")
    assert (kubernetes["kind"], kubernetes["verdict"], kubernetes["wished"]) == ("skill", "met", False)
    assert kubernetes["in_role"]["text"] == "Run Kubernetes clusters for forty teams"
    assert kubernetes["in_text"]["text"] == "I run Kubernetes clusters for ten teams."
    assert [match["role_id"] for match in rolesearch_json("match", tmp_path / "cv.txt", "--filter", "level=lead", cwd=desk)["matches"]] == ["platform.md"]


@pytest.mark.model
def test_match_reads_stdin_and_prints_a_line_for_each_thing_asked(desk: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", "match", "-", "-k", "1"]
    finished = subprocess.run(command, input=CV, capture_output=True, text=True, cwd=desk, timeout=300, check=True)
    head, *lines = finished.stdout.splitlines()
    assert head.startswith("1. Platform Lead  ") and head.endswith("platform.md")
    assert "met\tneeded\tskill\tKubernetes\tRun Kubernetes clusters for forty teams\tI run Kubernetes clusters for ten teams." in lines
    assert {len(line.split("\t")) for line in lines} == {6}


@pytest.mark.model
def test_compare_takes_ids_and_files(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "lead.md").write_text(PLATFORM.replace("forty teams", "four hundred teams").replace("Lead", "Head"), encoding="utf-8")
    answer = rolesearch_json("compare", "platform.md", tmp_path / "lead.md", cwd=desk)
    assert set(answer) == {"roles", "attributes", "skills", "shared_skills", "own_skills", "against_first", "notes"}
    assert [role["title"] for role in answer["roles"]] == ["Platform Lead", "Platform Head"]
    assert answer["shared_skills"] == ["Kubernetes", "mentoring"]
    (against,) = answer["against_first"]
    assert [pair["first"]["text"] for pair in against["same"]] == ["Mentor junior engineers"]
    assert [(pair["first"]["text"], pair["other"]["text"]) for pair in against["changed"]] == [
        ("Run Kubernetes clusters for forty teams", "Run Kubernetes clusters for four hundred teams")
    ]
    printed = rolesearch("compare", "platform.md", tmp_path / "lead.md", "payroll.md", cwd=desk).stdout.splitlines()
    assert printed[:3] == ["A  Platform Lead  platform.md", "B  Platform Head  lead.md", "C  Payroll Specialist  payroll.md"]
    assert "What changes from A to B: 1 changed, 0 in A alone, 0 in B alone, 1 the same" in printed
    assert "What changes from A to C: 0 changed, 2 in A alone, 1 in C alone, 0 the same" in printed


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("compare", "platform.md", "none.md"), 2, "the index has no role 'none.md'"),
        (("compare", "platform.md"), 2, "1 role was named; compare 2 to 4"),
        (("match", "adverts"), 2, "adverts is a folder; name one file in it"),
        (("match", "adverts/scan.pdf"), 1, "scan.pdf: not a PDF that can be read"),
        (("match", "none.pdf"), 1, "No such file or directory (none.pdf)"),
    ],
)
def test_match_and_compare_say_what_is_wrong(arguments: tuple[str, ...], exit_code: int, said: str, desk: Path) -> None:
    finished = rolesearch(*arguments, cwd=desk, exit_code=exit_code)
    assert said in finished.stderr
    assert finished.stdout == ""


def test_side_by_side_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    screen = Console(file=written, force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(side_by_side, "_console", lambda: screen)
    role = with_attributes(make_role("lead.md", "Cook \x1b[31m", ("Responsibilities", "- Cook soup for two hundred guests"), ("Skills", "- Java\n- Python")))
    text = with_attributes(make_role("cv.md", "Helper", ("Responsibilities", "- Cook soup for two thousand guests. No Java.")))
    hit = Hit(role.id, role.title, role.source, 1.0, {}, role.attributes, ())
    side_by_side.print_matches(text, [(hit, match_role(text, role, WordEmbedder()))])
    side_by_side.print_matches(text, [])
    side_by_side.print_comparison(compare_roles([role, text], WordEmbedder()))
    shown = written.getvalue()
    assert "\x1b[31m" not in shown
    for words in ("1. Cook [31m  1 met, 0 partly, 2 missing", "No role fits Helper", "skills of A alone: Java, Python", "What changes from A to B: 2 changed"):
        assert words in shown


@pytest.mark.model
def test_the_first_query_of_the_corpus_finds_its_role_first(corpus_index: Path) -> None:
    answer = rolesearch_json("search", "Kubernetes mentorship lead", "--index", corpus_index, cwd=ROOT)
    first = answer["hits"][0]
    assert first["role_id"] == "roles/engineering/platform-engineering-lead.md"
    assert "Kubernetes" in first["passages"][0]["text"]


@pytest.mark.model
def test_hybrid_ranks_the_corpus_at_least_as_well_as_each_half(corpus_index: Path) -> None:
    options = ("--queries", JUDGEMENTS / "queries.tsv", "--qrels", JUDGEMENTS / "qrels", "--index", corpus_index)
    table = rolesearch_json("evaluate", *options, "--all-modes", cwd=ROOT)
    assert table["hybrid"]["queries"] >= 60
    assert table["hybrid"]["nDCG@10"] >= max(table["dense"]["nDCG@10"], table["lexical"]["nDCG@10"])
    assert table["hybrid"]["nDCG@10"] >= 0.65


# Text of strangers ----------------------------------------------------------------------------------------------------

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202e"


@pytest.fixture(scope="session")
def den(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of roles whose titles, texts, ids and names of files a terminal would obey, some of which are refused; read-only for tests."""
    folder = tmp_path_factory.mktemp("den")
    (folder / "roles").mkdir()
    (folder / "roles" / f"cook{HOSTILE}\n.md").write_text(f"# Cook {HOSTILE}\n\nCooks soup {HOSTILE} for guests.\n", encoding="utf-8")
    (folder / "roles" / f"broken{HOSTILE}.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    roles = [{"id": f"b{HOSTILE}\n1", "title": f"Baker {HOSTILE}", "description": f"Bakes bread {HOSTILE}"}] * 2
    (folder / "roles" / "batch.json").write_text(json.dumps(roles), encoding="utf-8")
    rolesearch("ingest", "roles", cwd=folder)
    return folder


@pytest.mark.model
@pytest.mark.parametrize(
    ("exit_code", "arguments"),
    [
        (0, ["ingest", "roles", "--dry-run"]),
        (0, ["search", f"soup {HOSTILE}"]),
        (0, ["search", "bread", "--filter", f"{HOSTILE}=1"]),
        (0, ["similar", f"soup {HOSTILE}"]),
        (0, ["gaps"]),
        (0, ["doctor"]),
        (2, ["compare", f"{HOSTILE}1", f"{HOSTILE}2"]),
        (2, ["ingest", f"nothing{HOSTILE}"]),
        (2, ["ingest", "--from", f"list{HOSTILE}"]),
        (2, ["search", "soup", "--filter", f"years>={HOSTILE}"]),
        (None, ["search", "soup", "--index", f"nowhere{HOSTILE}"]),
        (None, ["evaluate", f"nowhere{HOSTILE}"]),
    ],
)
def test_no_command_lets_a_strangers_text_reach_the_terminal(den: Path, exit_code: int | None, arguments: list[str]) -> None:
    finished = subprocess.run(command(*arguments), capture_output=True, text=True, cwd=den, check=False)
    assert exit_code is None or finished.returncode == exit_code, finished.stderr
    said = finished.stdout + finished.stderr
    assert said.strip()
    assert "Traceback" not in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said), said


def test_a_warning_in_the_log_stays_one_line_and_harmless(tmp_path: Path) -> None:
    forged = f"{HOSTILE}\nforged: all is well"
    code = f"import logging; from ui import cli; cli.app = lambda: logging.getLogger('x').warning('%s', {forged!r}); cli.main()"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert finished.stderr.splitlines() == ["x: [2J]0;owned forged: all is well"]

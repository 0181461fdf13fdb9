"""`make fuzz T=120`: runs Atheris on each target for so many seconds, in a process of its own; what brings one down is kept in the corpus.

`python -m tests.fuzz SECONDS [TARGET…]`. A target that finds nothing new adds nothing to the corpus: what Atheris gathers on its way lies in `.fuzz/`.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent)]

ONE = """
import sys
sys.path[:0] = {paths!r}
import atheris
with atheris.instrument_imports(include=["ingest", "search", "ui", "docx", "bs4", "markdown_it", "yaml"]):
    from fuzz.targets import run
import offline.sitecustomize
name = sys.argv.pop(1)
atheris.Setup(sys.argv, lambda data: run(name, bytes(data)))
atheris.Fuzz()
"""


def main() -> None:
    """Run the targets and print a line for each."""
    from fuzz.targets import CORPUS, TARGETS, seeds

    seconds, *names = sys.argv[1:]
    failed = []
    for name in names or TARGETS:
        gathered, kept = ROOT / ".fuzz" / name, CORPUS / name
        gathered.mkdir(parents=True, exist_ok=True)
        kept.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(name)):
            (gathered / f"seed-{number}").write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-timeout=30", "-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1", f"-artifact_prefix={kept}/"]
        command = [sys.executable, "-c", ONE.format(paths=sys.path[:2]), name, *options, str(gathered), str(kept)]
        finished = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        executed = [line.split()[-1] for line in finished.stderr.splitlines() if "number_of_executed_units" in line]
        print(f"{name}: {executed[-1] if executed else 'no'} runs, {'ok' if finished.returncode == 0 else 'FAILED'}", flush=True)
        if finished.returncode != 0:
            failed.append(name)
            print(finished.stderr[-3_000:], flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}; the inputs are kept in {CORPUS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

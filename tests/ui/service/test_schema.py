"""The service keeps to its own description, whatever is sent: Schemathesis makes requests from it, good and bad ones. And its examples are true."""

import re
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from builders import publish
from fakes import WordEmbedder
from search.errors import UsageError
from search.filters import parse_filters
from served import ROLES, service_over
from ui.service import shapes
from ui.service.app import ROUTES, Route
from ui.service.limits import Limits

EXAMPLES = 25
HOST = {"Host": "localhost"}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    folder = tmp_path_factory.mktemp("schema") / "index"
    publish(folder, ROLES, WordEmbedder())
    return schemathesis.openapi.from_asgi("/openapi.json", service_over(folder), headers=HOST)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_answer_is_as_described(route: Route, described: BaseSchema) -> None:
    operation = described[route.path][route.method]

    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
    def check(case: schemathesis.Case[Any]) -> None:
        response = case.call(headers=HOST)
        is_too_large = response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        # Refused before it is read, whatever else is wrong with it; Schemathesis does not count that among refusals.
        assert not is_too_large or int(response.request.headers["Content-Length"]) > Limits().body_bytes
        # What a filter or a file must be like says no schema: 422 is a good answer to some that fit it.
        case.validate_response(response, excluded_checks=[positive_data_acceptance, *([negative_data_rejection] if is_too_large else [])])

    check()


@given(st.text(st.sampled_from("ab =!<>\n*1"), min_size=3, max_size=12))
def test_a_filter_has_the_form_that_is_described_if_and_only_if_the_library_reads_it(text: str) -> None:
    pattern = TypeAdapter(shapes.FilterText).json_schema()["pattern"]
    try:
        parse_filters([text])
    except UsageError:
        assert not re.search(pattern, text)
    else:
        assert re.search(pattern, text)


@pytest.mark.parametrize("answer", [shapes.SearchAnswer, shapes.JobAnswer])
def test_an_example_of_an_answer_has_the_form_of_one(answer: type[BaseModel]) -> None:
    (example,) = answer.model_json_schema()["examples"]
    assert answer.model_validate(example).model_dump(mode="json") == example

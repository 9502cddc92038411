import json
from typing import cast, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from scheduler.api.models.job import Job, ListedJob
from shared.db.reading import Document, Filter, JobDocument, WholeJob

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=4)
DONE = {"total": 2, "done": 2, "running": 0}
TIMING = st.fixed_dictionaries(
    {"status": st.just("completed"), "from_cache": st.booleans(), "wall_time_s": st.none() | st.floats(0, 9),
     "queue_time_s": st.just(0.25), "estimate": st.just({"memory_bytes": 64}), "tasks": st.just(DONE)}
)  # fmt: skip


@given(TIMING, OBJECTS, JSON, st.sampled_from([None, 1]))
def test_the_text_says_what_the_document_does(about, spec, result, indent):
    texts = json.dumps(spec, indent=indent), json.dumps(result, indent=indent)
    job = Document(about, *texts, '{"compiled_depth": 3}', 0.5)
    plain = job.plain()
    assert json.loads(job.text()) == plain
    assert plain["spec"] == spec and job.status == "completed"
    assert plain["results"] == plain["result"] and plain["metadata"] == {"compiled_depth": 3}
    assert plain["resource_usage"] == {
        "cpu_s": 0.5, "wall_time_s": about["wall_time_s"], "queue_time_s": 0.25,
        "memory_bytes": 64, "tasks": 2,
    }  # fmt: skip
    if isinstance(result, dict):
        timing = {name: about[name] for name in ("from_cache", "wall_time_s", "queue_time_s")}
        assert plain["result"] == result | timing
    else:
        assert plain["result"] == result


def test_a_job_without_a_result_has_none():
    known = {"status": "running", "from_cache": False, "wall_time_s": None, "queue_time_s": 0.1}
    about = cast("JobDocument", {**known, "estimate": None, "tasks": DONE | {"done": 0}})
    job = Document(about, "{}", None)
    assert json.loads(job.text()) == job.plain()
    assert (job.plain()["result"], job.plain()["results"], job.plain()["metadata"]) == (None, None, None)


def test_documents_have_the_members_that_are_described():
    assert set(get_type_hints(JobDocument)) == set(ListedJob.model_fields)
    assert set(get_type_hints(WholeJob)) == set(Job.model_fields)


def test_the_jobs_of_no_sweep_are_not_those_of_an_empty_one():
    """A script whose variable is empty must not list, and cancel, all jobs."""
    wanted = Filter(name="", tags=[], sweep="")
    assert wanted.given() == {"sweep": ""}
    text = wanted.statement("reading.listing")
    assert "j.sweep = %(sweep)s" in text and "j.sweep IS NULL" not in text

"""Steps of a plan by what people call them."""

import pytest

from novacron.errors import BadInput
from novacron.migration.selection import check, selected

STEPS = [
    {"id": f"s{number:02}", "components": [name]}
    for number, name in enumerate(["web", "mail", "web", "s01-s02", "mail"], 1)
]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([], set()),
        (["s03"], {"s03"}),
        (["s02-s04"], {"s02", "s03", "s04"}),
        (["web", "s05"], {"s01", "s03", "s05"}),
        (["s01-s02"], {"s04"}),
    ],
)
def test_ids_ranges_and_components(words, ids):
    assert selected(STEPS, words) == ids


@pytest.mark.parametrize("word", ["s99", "s04-s02", "s01-", "wbe", "-"])
def test_what_the_plan_has_not_is_refused(word):
    with pytest.raises(BadInput) as refused:
        selected(STEPS, ["s01", word])
    assert (refused.value.field, refused.value.value) == ("confirm[1]", word)


def test_until_names_one_step():
    check(STEPS, [], "s05")
    with pytest.raises(BadInput, match=r"until = 's5': the plan has no such step \(did you mean 's05'\?\)"):
        check(STEPS, [], "s5")

"""`help` of what a job may say is the project's own; results and clients tell themselves in one line."""

from __future__ import annotations

import inspect
import pydoc
from keyword import iskeyword
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from novacron import AsyncClient, Budget, Client, results
from novacron.migration.plan import Change
from novacron.specs import SPECS, VQE
from novacron.specs.base import Spec
from novacron.specs.hamiltonian import Hubbard, Tfim
from novacron.specs.optimizer import Spsa
from novacron.specs.record import Record
from tests.unit.novacron.conftest import Scheduler

CLASSES: tuple[Any, ...] = (*SPECS.values(), Budget)


def records(kind: Any = Record) -> list[Any]:
    return [kind, *(one for below in kind.__subclasses__() for one in records(below))]


@pytest.mark.parametrize("kind", CLASSES)
def test_help_names_every_field_with_meaning_limits_and_default(kind: Any) -> None:
    shown = pydoc.render_doc(kind, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    assert "model_" not in shown and "pydantic_" not in shown and "ConfigDict" not in shown
    lines = [line.removeprefix(" |").strip() for line in shown.splitlines()]
    for name, field in kind.model_fields.items():
        place = next(k for k, line in enumerate(lines) if line.startswith(f"{name}: "))
        assert ("required" in lines[place]) == field.is_required()
        if kind is not Budget:
            assert lines[place + 1] and not lines[place + 1].endswith(":"), f"{name} has no meaning"


@pytest.mark.parametrize("kind", records())
def test_the_signature_of_every_record_is_its_fields(kind: Any) -> None:
    expected = [
        (name if iskeyword(field.alias or name) else field.alias or name, field.is_required())
        for name, field in kind.model_fields.items()
    ]
    for signature, skipped in ((inspect.signature(kind), 0), (inspect.signature(kind.__init__), 1)):
        found = list(signature.parameters.values())[skipped:]
        empty = inspect.Parameter.empty
        assert sorted((one.name, one.default is empty) for one in found) == sorted(expected)
    assert kind.__doc__ and "!!! abstract" not in kind.__doc__
    assert pydoc.render_doc(kind)


def test_a_record_that_is_not_built_yet_has_its_own_signature() -> None:
    class Parent(Record):
        """A record that is built.

        Attributes:
            one: a number.
        """

        one: int = 1

    Parent(one=2)

    class Child(Parent):
        """A record that is not.

        Attributes:
            two: a number.
        """

        two: int = 2

    assert list(inspect.signature(Parent).parameters) == ["one"]
    assert list(inspect.signature(Child).parameters) == ["two", "one"]


def test_a_key_that_is_a_word_of_python_is_shown_by_the_name_of_its_field() -> None:
    change = Change(**{"from": "RSA", "to": "ML-DSA-65"})
    assert change.model_dump(by_alias=True)["from"] == "RSA"
    assert not {"from", "class"} & set(inspect.signature(Change.__init__).parameters)


def test_units_limits_and_defaults_are_in_words() -> None:
    assert "in seconds" in str(VQE.__doc__) and "hartree" in str(VQE.__doc__)
    assert "starts: whole number from 1 to 1,024; default 1" in str(VQE.__doc__)
    assert "optimizer='lbfgs'" in str(inspect.signature(VQE))
    assert "alpha: number above 0 to 2; default 0.602" in str(Spsa.__doc__)
    assert "n_electrons" in str(Hubbard.__doc__) and "<from the other fields>" in str(Hubbard.__doc__)


def test_records_still_are_what_they_were() -> None:
    spec = VQE(hamiltonian={"model": "tfim", "n_qubits": 3}, ansatz="hardware_efficient")
    assert VQE.model_validate(spec.model_dump(mode="json")) == spec
    assert isinstance(Tfim.model_fields["J"], FieldInfo) and issubclass(VQE, Spec)


@pytest.mark.parametrize(
    ("kind", "document", "shown"),
    [
        (
            "hybrid_vqe",
            {"energy": -1.25, "history": [{"evaluation": 1, "energy": -1.0}] * 999},
            "energy=-1.25",
        ),
        ("hybrid_qaoa", {"best_value": 13.0, "samples": {"01": 5}}, "best_value=13"),
        ("pure_quantum", {"counts": {"00": 5, "11": 6}}, "counts={'00': 5, '11': 6}"),
        ("pure_quantum", {"probabilities": {format(k, "010b"): 0.1 for k in range(99)}}, "(99 entries)"),
        ("pure_classical", {"function": "noop", "value": "x\ny" * 999}, "function='noop'"),
        ("cryptographic", {}, "CryptographicResult"),
    ],
)
def test_a_result_tells_itself_in_one_line(kind: str, document: dict[str, Any], shown: str) -> None:
    result = results.RESULTS[kind].model_validate(document)
    assert shown in repr(result) == str(result)
    assert "\n" not in repr(result) and len(repr(result)) < 300


def test_clients_tell_their_address_and_no_token(scheduler: Scheduler) -> None:
    assert repr(Client()) == f"<Client {scheduler.url}>"
    assert repr(AsyncClient()) == f"<AsyncClient {scheduler.url}>"
    job = Client().submit({"kind": "pure_classical", "name": "n [/x]"})
    assert repr(job) == "<Job job-1 pure_classical queued 'n [/x]'>"

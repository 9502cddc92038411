"""Certificates, as they are asked for: names, dates, usages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto.pki.names import name_of, pairs_of, text_of
from novacron.errors import BadInput
from novacron.specs import parse_spec
from novacron.specs.crypto.subject import LONGEST, Subject
from novacron.specs.crypto.validity import Validity, ValidityPeriod
from novacron.specs.record import Record

CERTIFICATE = "cert_" + "0" * 26
WHOLE: dict[str, dict[str, object]] = {
    "generate_certificate": {"algorithm": "ML-DSA-65", "subject": "CN=web", "validity_period": 7776000},
    "sign_certificate_request": {"csr": "-----BEGIN", "issuer": CERTIFICATE, "validity_period": "90d"},
    "revoke_certificate": {"certificate_id": CERTIFICATE, "reason": "superseded"},
    "make_crl": {"issuer": CERTIFICATE},
    "ocsp_response": {"certificate_id": CERTIFICATE, "hash": "sha256"},
}
NAMES = "extensions.subject_alternative_names"
POINTS = "extensions.crl_distribution_points"
PURPOSES = "extensions.extended_key_usage"
PATH_LENGTH = "extensions.basic_constraints.path_length"
PERIOD = {"not_before": "2026-06-01", "not_after": "2026-05-01"}
WRONG = [
    ({"algorithm": "ML-DSA-66"}, "algorithm", "certificates are made for"),
    ({"algorithm": "Ed25519"}, "algorithm", "certificates are made for"),
    ({"subject": ""}, "subject", "at least one attribute"),
    ({"subject": "CN=a,"}, "subject", "not a distinguished name from character 6"),
    ({"subject": "X=a"}, "subject", "must be one of CN, O"),
    ({"subject": {"C": "Germany"}}, "subject", "at most 2"),
    ({"subject": {"C": "D1"}}, "subject", "two letters"),
    ({"subject": {"CN": "a\nb"}}, "subject", "printable text"),
    ({"subject": {"CN": "a" * 65}}, "subject", "at most 64"),
    ({"subject": {"CN": 1}}, "subject", "printable text"),
    ({"subject": "CN=#0403"}, "subject", "hexadecimal"),
    ({"subject": r"CN=\ff"}, "subject", "valid Unicode"),
    ({"subject": {"CN": ["a"] * 21}}, "subject", "at most 20"),
    ({"validity_period": 0}, "validity_period", "longer than 0"),
    ({"validity_period": -1}, "validity_period", "longer than 0"),
    ({"validity_period": "101y"}, "validity_period", "at most a hundred years"),
    ({"validity_period": {"days": 0}}, "validity_period.days", "greater than 0"),
    ({"validity_period": {"days": 40000}}, "validity_period.days", "36525"),
    ({"validity_period": {"duration": -1}}, "validity_period.duration", "longer than 0"),
    ({"validity_period": True}, "validity_period", "must be seconds"),
    ({"validity_period": "3 fortnights"}, "validity_period", "such as \"90d\""),
    ({"validity_period": {}}, "validity_period", "one of duration, days and not_after"),
    ({"validity_period": {"days": 1, "duration": "1d"}}, "validity_period", "one of duration, days"),
    ({"validity_period": PERIOD}, "validity_period.not_after", "after not_before"),
    ({"validity_period": {"not_after": "soon"}}, "validity_period.not_after", "ISO 8601"),
    ({"validity_period": {"not_after": "0001-01-01"}}, "validity_period.not_after", "1950 to 9999"),
    ({"key_usage": ["keyEncipherment"]}, "key_usage", "RFC 9881, section 5"),
    ({"key_usage": ["keyAgreement"]}, "key_usage", "RFC 9881, section 5"),
    ({"key_usage": ["keyCertSign"]}, "key_usage", "only a CA's key"),
    ({"key_usage": ["signing"]}, "key_usage[0]", "digital_signature"),
    ({"algorithm": "ML-KEM-768", "issuer": None}, "issuer", "cannot sign its own certificate"),
    ({"extensions": {"basic_constraints": {"path_length": 1}}}, PATH_LENGTH, "only a CA"),
    ({"extensions": {"subject_alternative_names": ["a b"]}}, f"{NAMES}[0]", "host name"),
    ({"extensions": {"subject_alternative_names": ["ip:1.2.3"]}}, f"{NAMES}[0]", "IP address"),
    ({"extensions": {"subject_alternative_names": ["bücher.example"]}}, f"{NAMES}[0]", "ASCII"),
    ({"extensions": {"extended_key_usage": ["9.1"]}}, f"{PURPOSES}[0]", "object identifier"),
    ({"extensions": {"crl_distribution_points": ["https://a"]}}, f"{POINTS}[0]", "http"),
    ({"issuer": "cert_1"}, "issuer", "certificate's id"),
    ({"companion": {"algorithm": "ML-KEM-768"}}, "companion.issuer", "cannot sign its own"),
    ({"private_key": "deliver"}, "private_key", "unknown"),
]  # fmt: skip


def spec(operation, **changed):
    return parse_spec({"kind": "cryptographic", "operation": operation, **WHOLE[operation], **changed})


@pytest.mark.parametrize("operation", WHOLE)
def test_a_whole_job_is_taken_and_stays_the_same(operation):
    found = spec(operation)
    assert parse_spec(found.model_dump(mode="json"), stored=True) == found


@pytest.mark.parametrize(("changed", "field", "rule"), WRONG)
def test_what_breaks_a_rule_is_named(changed, field, rule):
    with pytest.raises(BadInput, match=rule) as refused:
        spec("generate_certificate", **changed)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("algorithm", "usages", "rule"),
    [
        ("ML-KEM-768", ["digitalSignature"], "RFC 9935, section 5"),
        ("ECDSA-P256", ["keyEncipherment"], "RFC 5480, section 3"),
        ("RSA-3072", ["keyAgreement"], "RFC 3279, section 2.3.1"),
        ("ECDSA-P256", ["encipherOnly"], "go with key_agreement"),
    ],
)
def test_each_algorithm_has_its_own_usages(algorithm, usages, rule):
    with pytest.raises(BadInput, match=rule):
        spec("generate_certificate", algorithm=algorithm, key_usage=usages, issuer=CERTIFICATE)


@pytest.mark.parametrize(("algorithm", "usages"), [
    ("ML-DSA-44", ["digitalSignature", "nonRepudiation"]), ("ML-KEM-1024", ["keyEncipherment"]),
    ("RSA-3072", ["digital_signature", "keyEncipherment"]), ("ECDSA-P384", ["keyAgreement", "decipherOnly"]),
])  # fmt: skip
def test_the_usages_that_an_algorithm_is_for_are_taken(algorithm, usages):
    found = spec("generate_certificate", algorithm=algorithm, key_usage=usages, issuer=CERTIFICATE)
    assert len(found.key_usage) == len(usages)


def test_a_ca_of_a_kem_is_no_ca():
    with pytest.raises(BadInput, match="cannot sign, so it is no CA's"):
        constraints = {"basic_constraints": {"ca": True}}
        spec("generate_certificate", algorithm="ML-KEM-768", extensions=constraints, issuer=CERTIFICATE)


class Asked(Record):
    """A subject and a period, alone."""

    subject: Subject = (("CN", "web"),)
    period: Validity = ValidityPeriod(days=1)


@pytest.mark.parametrize("form", [
    "CN=web,O=Example", " cn = web , o=Example", {"commonName": "web", "O": "Example"},
    {"common_name": "web", "organization": "Example"},
    {"CN": ["web"], "organizationName": "Example"}, [["CN", "web"], ["O", "Example"]],
])  # fmt: skip
def test_the_forms_of_a_subject_are_one(form):
    assert Asked(subject=form).subject == (("CN", "web"), ("O", "Example"))


# Values that every attribute but the country's takes as they are; text is trimmed of blanks by RFC 4514.
ATTRIBUTES = st.sampled_from(sorted(set(LONGEST) - {"C", "DC", "emailAddress", "serialNumber"}))
PRINTED = st.characters(exclude_categories=["C", "Z"]) | st.just(" ")
VALUES = st.text(PRINTED, min_size=1, max_size=64).filter(str.strip)


@given(st.lists(st.tuples(ATTRIBUTES, VALUES), min_size=1, max_size=20))
@settings(max_examples=100)
def test_a_subject_comes_back_from_its_text_and_from_a_certificate(pairs):
    subject = Asked(subject=pairs).subject
    name = name_of(subject)
    assert Asked(subject=text_of(name)).subject == subject
    assert tuple(pairs_of(name)) == subject


@given(st.one_of(
    st.text(alphabet='CNO=,+"\\ #;<>ä0fa\x00', max_size=40), st.integers(), st.none(),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.none(), max_size=3),
    st.lists(st.one_of(st.text(max_size=3), st.lists(st.text(max_size=3), max_size=3)), max_size=3),
))  # fmt: skip
@settings(max_examples=200)
def test_any_subject_is_taken_or_refused(given_value):
    try:
        found = Asked(subject=given_value).subject
    except BadInput as refused:
        assert refused.field and refused.field.startswith("subject")
    else:
        assert pairs_of(name_of(found)) == list(found)


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (7776000, NOW, NOW + timedelta(days=90)),
        (3600, NOW, NOW + timedelta(hours=1)),
        (89.6, NOW, NOW + timedelta(seconds=90)),
        ({"duration": "24m"}, NOW, datetime(2028, 6, 1, 12, tzinfo=UTC)),
        ("P1Y", NOW, datetime(2027, 6, 1, 12, tzinfo=UTC)),
        ("18 months", NOW, datetime(2027, 12, 1, 12, tzinfo=UTC)),
        ("12h", NOW, NOW + timedelta(hours=12)),
        ("2w", NOW, NOW + timedelta(days=14)),
        ("10y", NOW, datetime(2036, 6, 1, 12, tzinfo=UTC)),
        ({"not_after": "2027-01-01"}, NOW, datetime(2027, 1, 1, tzinfo=UTC)),
        (
            {"not_before": "2027-01-01T00:00:00+01:00", "days": 1},
            datetime(2026, 12, 31, 23, tzinfo=UTC),
            datetime(2027, 1, 1, 23, tzinfo=UTC),
        ),
    ],
)
def test_periods_in_all_their_forms(period, first, last):
    assert Asked(period=period).period.bounds(NOW) == (first, last)


@given(st.one_of(
    st.text(alphabet="0123456789hdwy.-+e ", max_size=9), st.floats(), st.integers(), st.none(), st.booleans(),
    st.dictionaries(
        st.sampled_from(["days", "duration", "not_before", "not_after"]),
        st.one_of(st.integers(), st.floats(), st.text(max_size=9), st.datetimes().map(datetime.isoformat)),
    ),
))  # fmt: skip
@settings(max_examples=200)
def test_any_period_is_taken_or_refused(given_value):
    try:
        first, last = Asked(period=given_value).period.bounds(NOW)
    except BadInput as refused:
        assert refused.field and refused.field.startswith("period")
    except OverflowError:
        assert "not_before" in given_value
    else:
        assert (first.microsecond, last.microsecond) == (0, 0)

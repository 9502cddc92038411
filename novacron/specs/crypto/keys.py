"""Keys in the store: generation, import, rotation, retirement, destruction, and use."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from novacron.roles import Role
from novacron.specs.base import Spec, distinct
from novacron.specs.crypto.trial import Payload
from novacron.specs.crypto.usage import Usage
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Identifier, Integer, Label, Text, matching

MAX_CONTEXT_BYTES = 255

KeyId = Annotated[
    str,
    Field(strict=True),
    matching(r"key_[0-9A-HJKMNP-TV-Z]{26}", "must be a key's id: key_ and 26 characters"),
]
Version = Annotated[Integer, Field(ge=1, lt=2**31)]
Abandoned = Annotated[tuple[Text, ...], Field(max_length=1000), AfterValidator(distinct)]
"""Names of objects that depend on the key and that the caller abandons."""


def _check_context(text: str) -> str:
    if "\x00" in text or len(text.encode("utf-8", "surrogatepass")) > MAX_CONTEXT_BYTES:
        raise refuse(f"must be text of at most {MAX_CONTEXT_BYTES} bytes without NUL characters")
    return text


SignatureContext = Annotated[str, Field(strict=True), AfterValidator(_check_context)]


class KeyParameters(Record):
    """Parameters that complete the name of an algorithm's family.

    Attributes:
        parameter_set: for example 768 for ML-KEM, or SHA2-128s for SLH-DSA.
    """

    parameter_set: Annotated[Integer, Field(ge=1, lt=10**6)] | Identifier


class GenerateKey(Spec):
    """Generate a key in the store.

    Attributes:
        algorithm: name from its standard, such as ML-KEM-768; with `parameters`, that of its family.
        parameters: completes the name: ML-KEM with the parameter set 768 is ML-KEM-768.
        usage: use of its private key; by default the algorithm's own.
        label: name shown in listings.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["generate_key"] = "generate_key"
    algorithm: Identifier
    parameters: KeyParameters | None = None
    usage: Usage | None = None
    label: Label | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_parameters(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("parameters") == {}:
            return {**data, "parameters": None}
        return data

    @property
    def algorithm_name(self) -> str:
        """The algorithm's full name."""
        return f"{self.algorithm}-{self.parameters.parameter_set}" if self.parameters else self.algorithm


class ImportKey(Spec):
    """Import a key generated elsewhere, sealed to the store's transport key before submission.

    Attributes:
        sealed: base64 of the HPKE message with the private key.
        transport_key: id of the key it is sealed to.
        usage: as for `GenerateKey`.
        label: name shown in listings.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["import_key"] = "import_key"
    sealed: Payload
    transport_key: KeyId
    usage: Usage | None = None
    label: Label | None = None


class TransportKey(Spec):
    """Return the public key to which private keys are sealed for import; created at first use."""

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["transport_key"] = "transport_key"


class RotateKey(Spec):
    """Create a new version of a key; older versions still verify, decrypt and decapsulate.

    Attributes:
        key_id: id of the key.
        algorithm: algorithm of the new version; None keeps it.
        expected_version: current version that this decision is based on; another one is a conflict.
        dry_run: report the key's dependents and recorded uses, and change nothing.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rotate_key"] = "rotate_key"
    key_id: KeyId
    algorithm: Identifier | None = None
    expected_version: Version | None = None
    dry_run: Flag = False


class RetireKey(Spec):
    """Retire a key; what it signed or encrypted stays readable.

    Attributes:
        key_id: id of the key.
        abandon: names of objects to abandon, although they depend on the key.
        dry_run: report the key's dependents and recorded uses, and change nothing.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["retire_key"] = "retire_key"
    key_id: KeyId
    abandon: Abandoned = ()
    dry_run: Flag = False


class DestroyKey(Spec):
    """Erase private keys from the store: all of a retired key, or one version that is no longer current.

    Attributes:
        key_id: id of the key.
        version: version to erase; None erases all.
        abandon: names of objects to abandon, although they depend on the key.
        dry_run: report the key's dependents and recorded uses, and change nothing.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["destroy_key"] = "destroy_key"
    key_id: KeyId
    version: Version | None = None
    abandon: Abandoned = ()
    dry_run: Flag = False


class Sign(Spec):
    """Sign a message with a stored key.

    Attributes:
        key_id: id of the key; its current version signs.
        payload: base64 of the message, at most 1 MiB.
        context: context string of the signature (FIPS 204, section 5.2).
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign"] = "sign"
    key_id: KeyId
    payload: Payload
    context: SignatureContext = ""


class Verify(Spec):
    """Verify a signature with a stored key.

    Attributes:
        key_id: id of the key.
        payload: base64 of the message, at most 1 MiB.
        signature: base64 of the signature.
        context: context string used when signing.
        version: version of the key; None tries all.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["verify"] = "verify"
    key_id: KeyId
    payload: Payload
    signature: Payload
    context: SignatureContext = ""
    version: Version | None = None


class RotateKek(Spec):
    """Replace the key-encryption key of all stored keys of all tenants.

    Attributes:
        renew: whether to generate a new one; otherwise the newest available to the workers is used.
        dry_run: report what would be rewrapped and what would be deleted, and change nothing.
    """

    role: ClassVar[Role] = "operator"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rotate_kek"] = "rotate_kek"
    renew: Flag = True
    dry_run: Flag = False


class SignAudit(Spec):
    """Sign the newest entry of the tenant's audit log."""

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign_audit"] = "sign_audit"

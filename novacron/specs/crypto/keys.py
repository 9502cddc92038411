"""Keys in the store: made, imported, rotated, ended, and used."""

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
"""Names of objects that need what is about to end, and are given up by whoever asks."""


def _check_context(text: str) -> str:
    if "\x00" in text or len(text.encode("utf-8", "surrogatepass")) > MAX_CONTEXT_BYTES:
        raise refuse(f"must be text of at most {MAX_CONTEXT_BYTES} bytes without NUL characters")
    return text


SignatureContext = Annotated[str, Field(strict=True), AfterValidator(_check_context)]


class KeyParameters(Record):
    """What completes the name of an algorithm's family.

    Attributes:
        parameter_set: such as 768 for ML-KEM, or SHA2-128s for SLH-DSA.
    """

    parameter_set: Annotated[Integer, Field(ge=1, lt=10**6)] | Identifier


class GenerateKey(Spec):
    """A new key in the store.

    Attributes:
        algorithm: by the name of its standard, such as ML-KEM-768; with `parameters` that of its family.
        parameters: completes the name: ML-KEM with the parameter set 768 is ML-KEM-768.
        usage: what its private key is for; None takes what the algorithm is for.
        label: what listings call it.
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
    """A key that was made elsewhere, sealed to the store's transport key before it became a job.

    Attributes:
        sealed: base64 of the HPKE message that holds the private key.
        transport_key: id of the key it is sealed to.
        usage: as for `GenerateKey`.
        label: what listings call it.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["import_key"] = "import_key"
    sealed: Payload
    transport_key: KeyId
    usage: Usage | None = None
    label: Label | None = None


class TransportKey(Spec):
    """The public key that private keys are sealed to on their way into the store; made at its first use."""

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["transport_key"] = "transport_key"


class RotateKey(Spec):
    """A new version of a key; older versions still verify, decrypt and decapsulate.

    Attributes:
        key_id: which key.
        algorithm: of the new version; None keeps it.
        expected_version: the version in use that this was decided on; another one in use is a conflict.
        dry_run: say who needs it and how often and where it was used, and change nothing.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rotate_key"] = "rotate_key"
    key_id: KeyId
    algorithm: Identifier | None = None
    expected_version: Version | None = None
    dry_run: Flag = False


class RetireKey(Spec):
    """The end of a key's new use; what it once signed or sealed stays readable.

    Attributes:
        key_id: which key.
        abandon: names of what is given up, though it needs the key.
        dry_run: say who needs it and how often and where it was used, and change nothing.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["retire_key"] = "retire_key"
    key_id: KeyId
    abandon: Abandoned = ()
    dry_run: Flag = False


class DestroyKey(Spec):
    """Private keys erased from the store: all of a retired key, or one version that is no longer in use.

    Attributes:
        key_id: which key.
        version: the one version; None is all of them.
        abandon: names of what is given up, though it needs the key.
        dry_run: say who needs it and how often and where it was used, and change nothing.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["destroy_key"] = "destroy_key"
    key_id: KeyId
    version: Version | None = None
    abandon: Abandoned = ()
    dry_run: Flag = False


class Sign(Spec):
    """A signature by a stored key.

    Attributes:
        key_id: which key; its version in use signs.
        payload: base64 of the message, at most 1 MiB.
        context: context string of the signature (FIPS 204, section 5.2).
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign"] = "sign"
    key_id: KeyId
    payload: Payload
    context: SignatureContext = ""


class Verify(Spec):
    """Whether a signature is a stored key's.

    Attributes:
        key_id: which key.
        payload: base64 of the message, at most 1 MiB.
        signature: base64 of the signature.
        context: as it was signed with.
        version: of the key; None tries all.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["verify"] = "verify"
    key_id: KeyId
    payload: Payload
    signature: Payload
    context: SignatureContext = ""
    version: Version | None = None


class RotateKek(Spec):
    """Another key-encryption key for all stored keys of all tenants.

    Attributes:
        renew: whether a new one is drawn; otherwise the newest that the workers have is taken.
        dry_run: say what would be wrapped anew and what is forgotten, and change nothing.
    """

    role: ClassVar[Role] = "operator"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rotate_kek"] = "rotate_kek"
    renew: Flag = True
    dry_run: Flag = False


class SignAudit(Spec):
    """A signature over the newest entry of the tenant's audit log."""

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign_audit"] = "sign_audit"

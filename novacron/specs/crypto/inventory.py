"""Discovery of cryptographic assets."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from novacron.roles import Role
from novacron.specs.base import Spec, distinct
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Text, matching

MAX_TARGETS = 1000

FilePath = Annotated[Text, Field(min_length=1, max_length=4000), matching("/.*", "must be an absolute path")]
Endpoint = Annotated[
    str,
    Field(strict=True, max_length=300),
    matching(
        r"([A-Za-z0-9_.-]+@)?(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}",
        "must be host:port, an IPv6 address in brackets, or name@host:port to ask for another name",
    ),
]


class MakeInventory(Spec):
    """Find cryptography in files, at TLS servers, in the key store and in this installation.

    Attributes:
        paths: files and folders on the workers' machine, within the folders that the operator allows.
        endpoints: TLS servers, each as host:port, or name@host:port to request another name (SNI).
        store: whether to include the tenant's keys.
        stack: whether to include the connections to PostgreSQL and Redis; requires the role operator.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["inventory"] = "inventory"
    paths: Annotated[tuple[FilePath, ...], Field(max_length=MAX_TARGETS), AfterValidator(distinct)] = ()
    endpoints: Annotated[tuple[Endpoint, ...], Field(max_length=MAX_TARGETS), AfterValidator(distinct)] = ()
    store: Flag = False
    stack: Flag = False

    @model_validator(mode="after")
    def _somewhere(self) -> "MakeInventory":
        if not (self.paths or self.endpoints or self.store or self.stack):
            raise refuse("is required, or endpoints, store or stack", at=("paths",))
        return self

    @property
    def needed_role(self) -> Role:
        """The operator's, if the installation itself is examined."""
        return "operator" if self.stack else self.role

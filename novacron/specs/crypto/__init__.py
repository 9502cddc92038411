"""Cryptographic operations: `cryptographic`, one class per group of operations."""

from novacron.specs.base import Spec
from novacron.specs.crypto import certificates, envelopes, inventory, keys, migration
from novacron.specs.crypto.trial import Crypto

__all__ = ["OPERATIONS", "Crypto"]

OPERATIONS: dict[str, type[Spec]] = {
    "generate_keypair": Crypto,
    "kem_roundtrip": Crypto,
    "sign_verify": Crypto,
    "generate_key": keys.GenerateKey,
    "import_key": keys.ImportKey,
    "transport_key": keys.TransportKey,
    "rotate_key": keys.RotateKey,
    "retire_key": keys.RetireKey,
    "destroy_key": keys.DestroyKey,
    "sign": keys.Sign,
    "verify": keys.Verify,
    "rotate_kek": keys.RotateKek,
    "sign_audit": keys.SignAudit,
    "rewrap_envelope": envelopes.RewrapEnvelope,
    "sign_bundle": envelopes.SignBundle,
    "sign_result": envelopes.SignResult,
    "generate_certificate": certificates.GenerateCertificate,
    "sign_certificate_request": certificates.SignCertificateRequest,
    "revoke_certificate": certificates.RevokeCertificate,
    "make_crl": certificates.MakeCrl,
    "ocsp_response": certificates.OcspResponse,
    "inventory": inventory.MakeInventory,
    "execute_migration": migration.ExecuteMigration,
    "rollback_migration": migration.RollbackMigration,
    "watch_migration": migration.WatchMigration,
    "renew_certificates": migration.RenewCertificates,
}
"""Operation -> class of its jobs."""

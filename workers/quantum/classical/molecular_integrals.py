"""Integrals of a molecule over Hartree-Fock orbitals, by PySCF (extra `chem`).

Source: Sun et al., J. Chem. Phys. 153, 024109 (2020).
"""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from novacron.json_types import JsonObject
from novacron.specs.molecule import Molecule
from novacron.specs.refusal import validated
from workers.runtime.outcome import MissingExtraError, UserError

if TYPE_CHECKING:
    from workers.quantum.simulation.ir.program import Float

CONVERGED = 1e-12
"""Change of the energy at which Hartree-Fock has converged, in hartree."""
MOST_CYCLES = 200
NEGLIGIBLE = 1e-12
"""Integrals below this, in hartree, are zero by symmetry and left out."""


def run(arguments: JsonObject, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Return the integrals of a molecule; the seed is unused.

    Restricted Hartree-Fock, restricted open-shell if there are unpaired electrons, in the molecule's largest
    point group, on one thread. The sign of an orbital is that of its largest coefficient, so that most
    orbitals of neighbouring geometries agree.

    Returns:
        `fcidump`, the text of the file, spatial orbitals in canonical order, energies in hartree; `energy` of
        Hartree-Fock; `core_energy`, the nuclear repulsion and the energy of the electrons below the active
        space; `n_orbitals`, `n_electrons`; `program` with its version.

    Raises:
        MissingExtraError: PySCF is not installed.
        UserError: Hartree-Fock does not converge.
    """
    molecule = validated(Molecule, arguments["molecule"])
    try:
        import pyscf
        from pyscf import lib
    except ImportError as error:
        raise MissingExtraError("chem", "molecules") from error
    lib.num_threads(1)
    field = _hartree_fock(molecule, checkpoint)
    one_body, two_body, core = _active(field, molecule)
    return {
        "fcidump": _fcidump(molecule, one_body, two_body, core),
        "energy": float(field.e_tot),
        "core_energy": core,
        "n_orbitals": molecule.n_orbitals,
        "n_electrons": molecule.n_electrons,
        "program": f"PySCF {pyscf.__version__}",
    }


def _hartree_fock(molecule: Molecule, checkpoint: Callable[[], None]) -> Any:
    """Return the converged mean field of PySCF."""
    from pyscf import gto, scf

    found = gto.M(
        atom=[(atom.symbol, atom[1:]) for atom in molecule.atoms], unit=molecule.unit, basis=molecule.basis,
        charge=molecule.charge, spin=molecule.spin, symmetry=True, verbose=0,
    )  # fmt: skip
    field = scf.ROHF(found) if molecule.spin else scf.RHF(found)
    field.set(conv_tol=CONVERGED, max_cycle=MOST_CYCLES, chkfile=None, callback=lambda _: checkpoint())
    field.kernel()
    if not field.converged:
        field = field.newton()
        field.kernel()
    if not field.converged:
        hint = "check the geometry, charge and spin; atoms that are too close do not converge"
        raise UserError(f"Hartree-Fock did not converge in {MOST_CYCLES} iterations", hint=hint)
    field.mo_coeff = _with_signs(field.mo_coeff, _signs(np.asarray(field.mo_coeff)))
    return field


def _with_signs(coefficients: Any, signs: Float) -> Any:
    """Return coefficients with other signs, and the symmetry labels that PySCF attaches to them."""
    from pyscf import lib

    labels = getattr(coefficients, "orbsym", None)
    changed = np.asarray(coefficients) * signs
    return changed if labels is None else lib.tag_array(changed, orbsym=labels)


def _signs(coefficients: Float) -> Float:
    """Return 1 or -1 for each orbital, a column: the sign of its first coefficient of the largest size."""
    sizes = np.abs(coefficients)
    first = np.argmax(sizes > sizes.max(axis=0) * (1 - 1e-6), axis=0)
    return np.sign(coefficients[first, np.arange(coefficients.shape[1])])


def _active(field: Any, molecule: Molecule) -> tuple[Float, Float, float]:
    """Return one- and two-electron integrals of the active space, in chemists' order, and the core energy."""
    from pyscf import ao2mo, mcscf

    n, n_up = molecule.n_orbitals, molecule.n_alpha
    space = mcscf.CASCI(field, n, (n_up, molecule.n_electrons - n_up))
    one_body, core = space.get_h1eff()
    two_body = ao2mo.restore(1, np.asarray(space.get_h2eff()), n)
    return np.asarray(one_body), np.asarray(two_body), float(core)


def _fcidump(molecule: Molecule, one_body: Float, two_body: Float, core: float) -> str:
    """Return the text of an FCIDUMP file; numbers have all their digits."""
    from pyscf.tools import fcidump

    n, written = molecule.n_orbitals, StringIO()
    fcidump.write_head(written, n, molecule.n_electrons, molecule.spin)
    form = " %.17g"
    fcidump.write_eri(written, two_body, n, tol=NEGLIGIBLE, float_format=form)
    fcidump.write_hcore(written, one_body, n, tol=NEGLIGIBLE, float_format=form)
    written.write((form + "  0  0  0  0\n") % core)
    return written.getvalue()

"""The variational classifier: a feature map, a trainable circuit, parities measured as class scores.

Source: Schuld et al., Phys. Rev. A 101, 032308 (2020), section III; trained on the cross-entropy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from novacron.specs import QML
from shared.quantum import cost
from shared.quantum.partition import SHARD
from workers.quantum.learning.data import Codes, Dataset
from workers.quantum.learning.feature_maps import FeatureMap, feature_map
from workers.quantum.objective import End, Evaluation, Frequencies, Request, Screen, Stage, Vector
from workers.quantum.variational.trainable import Complex, Float, Trainable
from workers.runtime.outcome import UserError

# Number of data uploads: two fit the training samples no better here, and the test samples worse.
UPLOADS = 1
FIRST_SCALE = 3.0
SPREAD_RAD = 0.3


class Classifier:
    """The mean cross-entropy over the training samples, in units of 128 samples.

    A point is [angles of the circuit..., scale, bias of each measured parity...]. The score of class k is
    scale * <parity k> + bias k; two classes share one parity, the second's score being 0.

    Attributes:
        data: samples, as angles.
        map: feature map.
        circuit: the trainable circuit.
        differentiable: gradients are exact.
        natural: unsupported, since every sample has its own state.
        stochastic: expectations are exact.
        constant: zero for a loss.
        unit: one nat, the unit of a cross-entropy.
    """

    constant = 0.0
    unit = 1.0

    differentiable = True
    natural = False
    stochastic = False

    def __init__(self, data: Dataset, encoding: FeatureMap, layers: int) -> None:
        self.data, self.map = data, encoding
        self.circuit = Trainable(encoding.n_qubits, layers)
        self._parities = _parities(encoding.n_qubits, len(data.classes))
        self._encoded: dict[int, Complex] = {}

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """Return small random angles, a fixed scale, and no bias."""
        angles = rng.normal(0.0, SPREAD_RAD, self.circuit.n_parameters)
        return np.concatenate([angles, [FIRST_SCALE], np.zeros(len(self._parities))])

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """End: there is only one stage."""
        return End()

    def frequencies(self, stage: Stage) -> list[Frequencies]:
        """Raise an error: the loss is no expectation value.

        Raises:
            UserError: always.
        """
        raise UserError(
            "optimizer.name = 'rotosolve': a classifier's loss has no fixed frequencies; use adam"
        )

    def units(self, request: Request) -> int:
        """Return one unit per 128 samples, rounded up."""
        return -(-len(self.data.x_train) // SHARD)

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Return the sum of the losses over a shard, and of their gradients if requested."""
        rows = slice(unit * SHARD, (unit + 1) * SHARD)
        codes = self.data.y_train[rows]
        angles, scale, _ = self._split(request.point)
        final = self.circuit.run(angles, self._states(unit, rows))
        read = self._read(final)
        probabilities = _softmax(self._scores(request.point, read))
        chosen = probabilities[np.arange(codes.size), codes]
        loss = float(-np.log(np.maximum(chosen, 1e-300)).sum())
        if not request.gradient:
            return [loss]
        slopes = (probabilities - np.eye(len(self.data.classes))[codes])[:, : len(self._parities)]
        by_angle = self.circuit.gradient(angles, final, scale * self._weights(slopes))
        return [loss, *by_angle.tolist(), float((slopes * read).sum()), *slopes.sum(axis=0).tolist()]

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Return the mean over all shards, summed in order."""
        total = np.zeros(len(results[0]))
        for result in results:
            total += np.asarray(result)
        loss, *gradient = (total / len(self.data.x_train)).tolist()
        return Evaluation(loss, np.array(gradient) if request.gradient else None)

    def cost_s(self, request: Request) -> float:
        """Return the cost of sweeps over the states of all samples."""
        return cost.classifier_s(
            len(self.data.x_train),
            self.circuit.n_parameters,
            self.circuit.n_qubits,
            self.units(request),
            gradient=request.gradient,
        )

    def predict(self, point: Vector, x: Float) -> Codes:
        """Predict class codes of samples given as angles, shape (rows, features)."""
        codes = [
            self._scores(
                point, self._read(self.circuit.run(self._split(point)[0], self.map.states(part)))
            ).argmax(1)
            for part in (x[first : first + SHARD] for first in range(0, len(x), SHARD))
        ]
        return np.concatenate(codes) if codes else np.zeros(0, dtype=np.int64)

    def _split(self, point: Vector) -> tuple[Float, float, Float]:
        n = self.circuit.n_parameters
        return point[:n], float(point[n]), point[n + 1 :]

    def _states(self, unit: int, rows: slice) -> Complex:
        if unit not in self._encoded:
            self._encoded[unit] = self.map.states(self.data.x_train[rows])
        return self._encoded[unit]

    def _read(self, states: Complex) -> Float:
        """Return the expectation of each parity, float64[rows, parities]."""
        probabilities = states.real**2 + states.imag**2
        return np.stack([(probabilities * parity).sum(axis=1) for parity in self._parities], axis=1)

    def _scores(self, point: Vector, read: Float) -> Float:
        _, scale, biases = self._split(point)
        scores = scale * read + biases
        return np.column_stack([scores, np.zeros(len(read))]) if len(self._parities) == 1 else scores

    def _weights(self, slopes: Float) -> Float:
        """Return sum_k slopes[r, k] parity_k on the basis states, float64[rows, 2^n]."""
        total = np.zeros((len(slopes), self._parities.shape[1]))
        for k, parity in enumerate(self._parities):
            total += slopes[:, k : k + 1] * parity
        return total


def classifier(spec: QML, dataset: Dataset) -> Classifier:
    """Return the objective of a QML whose model is `variational_classifier`."""
    model = spec.model
    return Classifier(dataset, feature_map(model.feature_map, dataset.n_features, UPLOADS), model.layers)


def _parities(n_qubits: int, n_classes: int) -> Float:
    """Return signs of the parities, one per class (one for two classes): single qubits, then pairs, ..."""
    wanted = 1 if n_classes == 2 else n_classes
    supports = sorted(range(1, 2**n_qubits), key=lambda mask: (mask.bit_count(), -mask))[:wanted]
    if len(supports) < wanted:
        raise UserError(
            f"data: {n_classes} classes are too many for {n_qubits} qubits; raise data.n_features"
        )
    index = np.arange(2**n_qubits)
    return np.array([1.0 - 2.0 * (np.bitwise_count(index & mask) & 1) for mask in supports])


def _softmax(scores: Float) -> Float:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))

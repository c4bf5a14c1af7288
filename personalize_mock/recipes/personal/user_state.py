"""What the personal model keeps of a history, because the same user is likely to ask again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NO_ROWS: NDArray[np.int32] = np.empty(0, dtype=np.int32)
_NO_STRENGTH: NDArray[np.float32] = np.empty(0, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserState:
    """What one history makes of a user.

    Attributes:
        seen: int32[m], the rows touched, ascending, each once.
        vector: float32[factors], None where nothing was touched.
        followed: int32[k], rows that the rules speak for, perhaps more than once.
        strength: float32[k], how strongly.
        relevance: float32[rows], before shift and objective; None where it is not worth keeping.
    """

    seen: NDArray[np.int32]
    vector: NDArray[np.float32] | None
    followed: NDArray[np.int32]
    strength: NDArray[np.float32]
    relevance: NDArray[np.float32] | None = None


def alone(seen: NDArray[np.int32], vector: NDArray[np.float32] | None) -> UserState:
    """A taste to which the rules add nothing, or nothing more."""
    return UserState(seen=seen, vector=vector, followed=_NO_ROWS, strength=_NO_STRENGTH)

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Self

class TemporaryValue:
    def __init__(
        self,
        variable: ContextVar[Any],
        enter: Callable[[Any], tuple[Any, Any]],
        leave: Callable[[], object] | None = ...,
    ) -> None: ...
    def _recreate_cm(self) -> Self: ...
    def __enter__(self) -> Any: ...
    def __exit__(self, kind: object, error: object, traceback: object) -> None: ...

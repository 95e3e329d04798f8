"""What Bokeh finds out about kinds of models again and again, found out once.

Bokeh looks up, copies and checks the default of a property whenever it reads one that was never
set, and it reads all of them several times while a page is made and sent: half of the time that a
page takes. Here it is remembered which defaults are made anew for each model, those that cannot be
changed in place, and where a list or dict begins empty; what a theme says still comes first. And a
method that listens to many properties has its arguments counted once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MethodType
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.wrappers import PropertyValueDict, PropertyValueList, PropertyValueSet
from bokeh.util import callback_manager

__all__ = ["begins_empty", "declared", "know_defaults"]

_LASTING = (str, int, float, bool, type(None))
_CONTAINERS = (PropertyValueDict, PropertyValueList, PropertyValueSet)
_MISSING = object()


def begins_empty(descriptor: PropertyDescriptor[Any], obj: HasProps) -> bool:
    """Whether a property of a model begins as an empty list, dict or set."""
    if callable(declared(descriptor, type(obj))):
        return False
    found = descriptor.instance_default(obj)
    return type(found) in _CONTAINERS and not found


def know_defaults() -> None:
    """Let Bokeh find out what it needs of a kind of model once a process."""
    if not hasattr(PropertyDescriptor.instance_default, "asks_anew"):
        _remember_which_are_made_anew()
        _remember_those_that_last()
        callback_manager._check_callback = _checked_once(callback_manager._check_callback)


def _remember_which_are_made_anew() -> None:
    ask = PropertyDescriptor.has_unstable_default
    known: dict[type[HasProps], dict[str, bool]] = {}

    def has_unstable_default(self: PropertyDescriptor[Any], obj: HasProps) -> bool:
        of_kind = known.setdefault(type(obj), {})
        found = of_kind.get(self.name)
        if found is None:
            found = of_kind[self.name] = bool(ask(self, obj))
        return found

    PropertyDescriptor.has_unstable_default = has_unstable_default


def _remember_those_that_last() -> None:
    ask = PropertyDescriptor.instance_default
    known: dict[type[HasProps], dict[str, Any]] = {}
    empty: dict[type[HasProps], dict[str, Callable[[], Any]]] = {}

    def instance_default(self: PropertyDescriptor[Any], obj: HasProps) -> Any:
        kind, name = type(obj), self.name
        themed = obj.themed_values()
        if themed is not None and name in themed:
            return ask(self, obj)
        of_kind, begun = known.setdefault(kind, {}), empty.setdefault(kind, {})
        if name in begun:
            return begun[name]()
        found = of_kind.get(name, _MISSING)
        if found is _MISSING:
            found = ask(self, obj)
            if type(found) in _CONTAINERS and not found and not callable(declared(self, kind)):
                begun[name] = type(found)
            elif type(found) in _LASTING and not self.has_unstable_default(obj):
                of_kind[name] = found
        return found

    instance_default.asks_anew = ask  # type: ignore[attr-defined]
    PropertyDescriptor.instance_default = instance_default


def declared(descriptor: PropertyDescriptor[Any], kind: type[HasProps]) -> Any:
    """The default as it is written down: what a kind of model overrides, or else the property's."""
    return kind._overridden_defaults().get(descriptor.name, descriptor.property._default)


def _checked_once(check: Callable[..., None]) -> Callable[..., None]:
    """`_check_callback` of Bokeh, which asks only once about a method with so many arguments given."""
    known: set[tuple[Any, ...]] = set()

    def checked(callback: Any, *how: Any, **named: Any) -> None:
        method = callback.func if isinstance(callback, partial) else None
        if not isinstance(method, MethodType) or named:
            check(callback, *how, **named)
            return
        key = (method.__func__, len(callback.args), *callback.keywords, *map(repr, how))
        if key not in known:
            check(callback, *how)
            known.add(key)

    return checked

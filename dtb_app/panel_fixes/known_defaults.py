"""What Bokeh finds out about kinds of models again and again, found out once.

Bokeh looks up, copies and checks the default of a property whenever it reads one that was never
set, and it reads all of them several times while a page is made and sent: half of the time that a
page takes. Here it is remembered which defaults are made anew for each model, those that cannot be
changed in place, and where a list or dict begins empty; what a theme says still comes first. Who
looks for the models that a model refers to reads what was set alone, since a default that is kept
refers to none. And a method that listens to many properties has its arguments counted once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MethodType
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.wrappers import PropertyValueDict, PropertyValueList, PropertyValueSet
from bokeh.model import Model
from bokeh.model import util as model_util
from bokeh.util import callback_manager

__all__ = ["know_defaults"]

_LASTING = (str, int, float, bool, type(None))
_CONTAINERS = (PropertyValueDict, PropertyValueList, PropertyValueSet)
_MISSING = object()


def know_defaults() -> None:
    """Let Bokeh find out what it needs of a kind of model once a process."""
    if not hasattr(PropertyDescriptor.instance_default, "asks_anew"):
        _remember_which_are_made_anew()
        _remember_those_that_last()
        model_util.visit_immediate_value_references = visit_what_was_set
        callback_manager._check_callback = _checked_once(callback_manager._check_callback)


def _remember_which_are_made_anew() -> None:
    ask = PropertyDescriptor.has_unstable_default
    known: dict[tuple[PropertyDescriptor[Any], type[HasProps]], bool] = {}

    def has_unstable_default(self: PropertyDescriptor[Any], obj: HasProps) -> bool:
        key = (self, type(obj))
        found = known.get(key)
        if found is None:
            found = known[key] = bool(ask(self, obj))
        return found

    PropertyDescriptor.has_unstable_default = has_unstable_default


def _remember_those_that_last() -> None:
    ask = PropertyDescriptor.instance_default
    known: dict[tuple[PropertyDescriptor[Any], type[HasProps]], Any] = {}
    empty: dict[tuple[PropertyDescriptor[Any], type[HasProps]], Callable[[], Any]] = {}

    def instance_default(self: PropertyDescriptor[Any], obj: HasProps) -> Any:
        themed = obj.themed_values()
        if themed is not None and self.name in themed:
            return ask(self, obj)
        key = (self, type(obj))
        if key in empty:
            return empty[key]()
        found = known.get(key, _MISSING)
        if found is _MISSING:
            found = ask(self, obj)
            if type(found) in _CONTAINERS and not found and not callable(_declared(self, obj)):
                empty[key] = type(found)
            elif type(found) in _LASTING and not self.has_unstable_default(obj):
                known[key] = found
        return found

    instance_default.asks_anew = ask  # type: ignore[attr-defined]
    PropertyDescriptor.instance_default = instance_default


def _declared(descriptor: PropertyDescriptor[Any], obj: HasProps) -> Any:
    """The default as it is written down: what a kind of model overrides, or else the property's."""
    return type(obj)._overridden_defaults().get(descriptor.name, descriptor.property._default)


def visit_what_was_set(value: Any, visitor: Callable[[Model], None]) -> None:
    """Visit the models that a value refers to, but not those that these refer to.

    Parameters
    ----------
    value : Model, or a list, tuple or dict of them
    visitor : callable
        Called with each, as often as it is referred to.
    """
    if not isinstance(value, HasProps):
        model_util.visit_value_and_its_immediate_references(value, visitor)
        return
    for name in value.properties_with_refs():
        for values in (value._property_values, value._unstable_themed_values, value._unstable_default_values):
            if name in values:
                model_util.visit_value_and_its_immediate_references(values[name], visitor)
                break


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

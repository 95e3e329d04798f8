"""Models that are begun, read, walked and written with fewer steps.

A page is four hundred models with fifty properties each. Bokeh asks of every property whether it has a
default that is made anew, reads all of them to write the few that were set, and looks for a theme by
an exception; it asks of every number in a list whether it is one of eight other things. The answers
are the same here, kind of model by kind of model. Long work breathes at each model.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.singletons import Intrinsic, Undefined
from bokeh.core.property.wrappers import PropertyValueContainer
from bokeh.core.serialization import Serializer
from bokeh.model import Model
from bokeh.model import util as model_util

from dtb_app.panel_fixes.quick.defaults import begins_empty, declared
from dtb_app.panel_fixes.unsaid_models import unsaid_of
from dtb_app.work.slices import breathe

__all__ = ["quicken_models"]

_SAFE = 2**53
_SHORT, _MOST_KNOWN = 64, 500  # characters of a value that is remembered; values of a kind of model
_SCALARS = frozenset((str, int, float, bool, type(None)))


def quicken_models() -> None:
    """Let models take fewer steps; once a process."""
    if hasattr(HasProps.__init__, "asks_all"):
        return
    HasProps.themed_values = _themed_values  # type: ignore[method-assign]
    _read_what_is_there()
    _begin_with_what_is_made_anew()
    _read_what_was_set()
    _pass_plain_values()
    _walk_in_one_go()


def _themed_values(self: HasProps) -> dict[str, Any] | None:
    found: dict[str, Any] | None = self.__dict__.get("__themed_values__")
    return found


def _read_what_is_there() -> None:
    def get(self: PropertyDescriptor[Any], obj: HasProps) -> Any:
        name = self.name
        values = obj._property_values
        if name in values:
            return values[name]
        themed = obj.__dict__.get("__themed_values__")
        if themed is not None and name in themed:
            return self._get_default(obj)
        kept = obj._unstable_default_values
        if name in kept:
            return kept[name]
        default = self.instance_default(obj)
        if self.has_unstable_default(obj):
            if isinstance(default, PropertyValueContainer):
                default._register_owner(obj, self)
            kept[name] = default
        return default

    PropertyDescriptor._get = get


class _Kind:
    """What is known of a kind of model before another one of it is begun."""

    def __init__(self, one: HasProps):
        kind = type(one)
        self.is_plain = kind.__setattr__ is HasProps.__setattr__
        self.descriptors = {one.name: one for one in kind.descriptors() if type(one) is PropertyDescriptor}
        unstable = [d for d in kind.descriptors() if d.has_unstable_default(one) and not begins_empty(d, one)]
        self.anew = {d.name: d for d in unstable}
        self.models = {d.name for d in unstable if isinstance(d._get(one), HasProps)}
        self.prepared: dict[tuple[str, type, Any], Any] = {}


def _begin_with_what_is_made_anew() -> None:
    """No default is made for what is given; a list or dict that begins empty is made once it is read."""
    plain = HasProps.__init__
    kinds: dict[type[HasProps], _Kind] = {}

    def begin(self: HasProps, **properties: Any) -> None:
        breathe()
        kind = kinds.get(type(self))
        if kind is None or not kind.is_plain:
            plain(self, **properties)
            if kind is None:
                kinds[type(self)] = _Kind(self)
            return
        super(HasProps, self).__init__()
        self._property_values = {}
        self._unstable_default_values = {}
        self._unstable_themed_values = {}
        for name, value in properties.items():
            if value is Undefined or value is Intrinsic:
                continue
            descriptor = kind.descriptors.get(name)
            if descriptor is None:
                setattr(self, name, value)
            else:
                _set_first(self, descriptor, value, kind)
        for name, one in kind.anew.items():
            if name not in properties:
                one._get(self)
        self._initialized = True

    begin.asks_all = plain  # type: ignore[attr-defined]
    HasProps.__init__ = begin  # type: ignore


def _set_first(model: HasProps, descriptor: PropertyDescriptor[Any], value: Any, kind: _Kind) -> None:
    """Set a property of a model that nobody knows yet; one that is its default stays unset."""
    name = descriptor.name
    value = _prepared(model, descriptor, value, kind)
    if name not in kind.models:
        old = descriptor._get(model)
        if type(value) in _SCALARS and type(old) in _SCALARS:
            if value == old:
                return
        elif descriptor.property.matches(value, old):
            return
        if old is not value and isinstance(old, PropertyValueContainer):
            old._unregister_owner(model, descriptor)
    descriptor._set_value(model, value)


def _prepared(model: HasProps, descriptor: PropertyDescriptor[Any], value: Any, kind: _Kind) -> Any:
    """A value as a property keeps it, or a refusal; short ones that were seen before need no look."""
    prop, name, known = descriptor.property, descriptor.name, kind.prepared
    if type(value) not in _SCALARS or prop.assertions or (type(value) is str and len(value) > _SHORT):
        return prop.prepare_value(model, name, value)
    key = name, type(value), value
    if key not in known:
        prepared = prop.prepare_value(model, name, value)
        if type(prepared) not in _SCALARS or value != value or len(known) >= _MOST_KNOWN:
            return prepared
        known[key] = prepared
    return known[key]


def _read_what_was_set() -> None:
    plain = HasProps.query_properties_with_values
    required: dict[type[HasProps], list[str]] = {}

    def query(
        self: HasProps,
        asked: Callable[[PropertyDescriptor[Any]], bool],
        *,
        include_defaults: bool = True,
        include_undefined: bool = False,
    ) -> dict[str, Any]:
        if include_defaults or include_undefined:
            return plain(self, asked, include_defaults=include_defaults, include_undefined=include_undefined)
        breathe()
        kind = type(self)
        values, kept, themed = (
            self._property_values,
            self._unstable_default_values,
            self.themed_values() or {},
        )
        needed = required.get(kind)
        if needed is None:
            needed = required[kind] = [
                one.name for one in kind.descriptors() if declared(one, kind) is Undefined
            ]
        found: dict[str, Any] = {}
        unsaid = unsaid_of(kind)
        for name in kind.properties(_with_props=True):
            if (
                name in values
                or name in themed
                or name in needed
                or (name in kept and not isinstance(kept[name], PropertyValueContainer))
            ):
                descriptor = kind.lookup(name)
                if asked(descriptor):
                    value = descriptor.get_value(self)
                    if name not in unsaid or not unsaid[name](value):
                        found[name] = value
        return found

    HasProps.query_properties_with_values = query  # type: ignore


def _pass_plain_values() -> None:
    plain = Serializer.encode

    def encode(self: Serializer, obj: Any) -> Any:
        kind = type(obj)
        if kind is str or kind is bool or obj is None:
            return obj
        if (kind is float and isfinite(obj)) or (kind is int and -_SAFE < obj < _SAFE):
            return obj
        return plain(self, obj)

    Serializer.encode = encode


def _walk_in_one_go() -> None:
    others = model_util.visit_value_and_its_immediate_references

    def collect(discard: Callable[[Model], bool] | None, *values: Any) -> list[Model]:
        seen: set[Any] = set()
        collected: list[Model] = []
        queue: deque[Model] = deque()

        def look(value: Any) -> None:
            if isinstance(value, Model):
                if value._id not in seen and (discard is None or not discard(value)):
                    queue.append(value)
            elif isinstance(value, (list, tuple)):
                look_at(value)
            elif isinstance(value, dict):
                look_at(value)
                look_at(value.values())
            elif isinstance(value, HasProps):
                look_into(value)
            else:
                others(value, look)

        def look_at(values: Iterable[Any]) -> None:
            for value in values:
                if type(value) not in _SCALARS:
                    look(value)

        def look_into(obj: HasProps) -> None:
            values, kept = obj._property_values, obj._unstable_default_values
            themed, unsaid = obj._unstable_themed_values, unsaid_of(type(obj))
            for name in obj.properties_with_refs():
                if name in values:
                    value = values[name]
                elif name in themed:
                    value = themed[name]
                elif name in kept:
                    value = kept[name]
                else:
                    continue
                if type(value) not in _SCALARS and (name not in unsaid or not unsaid[name](value)):
                    look(value)

        for value in values:
            look(value)
        while queue:
            obj = queue.popleft()
            if obj._id not in seen:
                seen.add(obj._id)
                collected.append(obj)
                look_into(obj)
        return collected

    model_util.collect_filtered_models = collect

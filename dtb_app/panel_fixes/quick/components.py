"""Components and their parameters, begun and turned into models with fewer steps.

Panel reads the parameters of a component one by one to make its model: fifty of them, a hundred times a
page. For each it works out anew which ones are synchronised; each it asks for in a way that copies it for
this component alone, though it is only read; and each component walks all that stands in it for something
that those have done themselves. All that is as it was, but found once. Long work
breathes at each component.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, MutableSet
from copy import copy
from typing import Any

from bokeh.core.has_props import HasProps
from bokeh.model import DataModel
from bokeh.model import util as model_util
from bokeh.models.ui import UIElement
from panel.custom import ReactiveESM
from panel.reactive import ReactiveCustomBase, Syncable
from panel.viewable import Renderable
from panel_material_ui.base import MaterialComponent
from param import parameterized
from param.parameterized import Parameter, Undefined

from dtb_app.work.slices import breathe

__all__ = ["quicken_components"]

_read = object.__getattribute__
_write = object.__setattr__
_MUTABLE = (MutableSequence, MutableSet, MutableMapping)


def quicken_components() -> None:
    """Let components take fewer steps; once a process."""
    if hasattr(Syncable._init_params, "asks_each"):
        return
    _read_parameters()
    parameterized._instantiate_param_obj = _copied  # type: ignore[assignment]
    _sync_what_was_found()
    _link_what_was_found()
    _only_read()
    _mark_own_data()
    _breathe_at_each()


def _read_parameters() -> None:
    plain_attribute, plain_value = Parameter.__getattribute__, Parameter.__get__
    plain_set = Parameter.__setattr__

    def attribute(self: Parameter, key: str, read: Any = _read, unset: Any = Undefined) -> Any:
        value = read(self, key)
        return plain_attribute(self, key) if value is unset else value

    def value(self: Parameter, obj: Any, kind: Any = None, read: Any = _read) -> Any:
        if obj is not None:
            values, name = getattr(obj._param__private, "values", None), read(self, "name")
            if values is not None and name in values:
                return values[name]
        return plain_value(self, obj, kind)

    def set_attribute(self: Parameter, key: str, value: Any) -> None:
        if key != "allow_refs" or _read(self, key) is not value:  # each component says it of all of its kind
            plain_set(self, key, value)

    Parameter.__setattr__ = set_attribute  # type: ignore
    Parameter.__getattribute__ = attribute  # type: ignore[method-assign]
    Parameter.__get__ = value  # type: ignore


def _copied(parameter: Parameter, owner: Any = None) -> Parameter:
    """A parameter for one component alone, which nobody watches yet."""
    kind = type(parameter)
    own = kind.__new__(kind)
    for slot in kind._all_slots_:
        value = _read(parameter, slot)
        if slot != "default" and isinstance(value, _MUTABLE):
            value = copy(value)
        _write(own, slot, value)
    _write(own, "owner", owner)
    _write(own, "watchers", {})
    return own


def _sync_what_was_found() -> None:
    plain = Syncable._init_params

    def init_params(self: Syncable) -> dict[str, Any]:
        synced = set(self._synced_params)
        given = ((name, getattr(self, name)) for name in self.param if name in synced)
        return {name: value for name, value in given if value is not None}

    init_params.asks_each = plain  # type: ignore[attr-defined]
    Syncable._init_params = init_params  # type: ignore[method-assign]


def _link_what_was_found() -> None:
    """What is linked between a component and its model is the same for all of a kind."""
    for owner in (Syncable, ReactiveESM, MaterialComponent):
        plain: Callable[[Any], tuple[str, ...]] = vars(owner)["_linked_properties"].fget
        owner._linked_properties = property(_found_once(plain))  # type: ignore[assignment]


def _found_once(ask: Callable[[Any], tuple[str, ...]]) -> Callable[[Any], tuple[str, ...]]:
    known: dict[type, tuple[str, ...]] = {}

    def found(self: Any) -> tuple[str, ...]:
        kind = type(self)
        if kind not in known:
            known[kind] = ask(self)
        return known[kind]

    return found


class _Copies(dict[str, Parameter]):
    """Copies that one component has of its kind's parameters; the kind's own stand for the others."""

    def __init__(self, copies: Mapping[str, Parameter], of_kind: Mapping[str, Parameter]):
        super().__init__(copies)
        self._of_kind = of_kind

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Parameter:
        return self._of_kind[name]


def _breathe_at_each() -> None:
    plain = Renderable.__init__

    def begin(self: Renderable, **params: Any) -> None:
        breathe()
        plain(self, **params)

    Renderable.__init__ = begin  # type: ignore[method-assign]


def _only_read() -> None:
    """No parameter is copied for a component while its model is made."""
    for name in ("_get_properties", "_get_children"):
        setattr(ReactiveESM, name, _reading(vars(ReactiveESM)[name]))


def _reading(make: Callable[..., Any]) -> Callable[..., Any]:
    def read(self: ReactiveESM, *arguments: Any) -> Any:
        private = self._param__private
        before = private.params
        if type(before) is _Copies:
            return make(self, *arguments)
        private.params = _Copies(before, self.param.objects(instance=False))
        try:
            return make(self, *arguments)
        finally:
            private.params = before

    return read


def _mark_own_data() -> None:
    """A component marks its own data; what stands in it has been marked already."""

    def mark(cls: type, props: HasProps, ref: str) -> None:
        mark = f"__ref:{ref}"
        for model in model_util.collect_filtered_models(_is_seen, props):
            if isinstance(model, DataModel) and mark not in model.tags:
                model.tags.append(mark)

    ReactiveCustomBase._patch_datamodel_ref = classmethod(mark)  # type: ignore[assignment]


def _is_seen(model: Any) -> bool:
    return isinstance(model, UIElement)

"""One quarter of one study: what its notebooks read and write, keyed by type."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from seglib.core import display, store
from seglib.core.errors import Bug, Finding, InputRefused
from seglib.core.forgotten import tombstones
from seglib.core.home import home
from seglib.core.later import Later
from seglib.core.libraries import lock_hash, versions
from seglib.core.plan import Plan
from seglib.core.privacy import fingerprint, load_key, private_file, private_folder
from seglib.core.quarters import Quarter
from seglib.core.sources import answers
from seglib.core.sources.find import source_paths
from seglib.core.sources.tables import fingerprint as fingerprint_of
from seglib.core.steps import BY_NAME, EVERYWHERE, INTAKE, Step
from seglib.core.trouble import told

T = TypeVar("T")
INTAKE_STEP = "00_intake"
ASKED = (
    "refit_when_asked"  # a file of a quarter in which `history` makes the segments anew, as the quarter before asked
)
STUDY = r"[a-z0-9][a-z0-9_-]{0,39}"


@dataclass(frozen=True)
class Run:
    """A quarter's run folder with the plan that governs it.

    Parameters
    ----------
    study : str
        Folder under data/.
    quarter : Quarter
        The quarter to work on.
    plan : Plan
        Every human decision.
    seed : int
        One seed for everything random in the run.
    data : Path
        The study's folder.

    Examples
    --------
    >>> Run.open("nosuchstudy", "2026Q3")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-F01 no plan for this study - plan.yml - do: make it with: ...
    """

    study: str
    quarter: Quarter
    plan: Plan
    seed: int
    data: Path
    _cache: dict[str, dict[str, str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, study: str, quarter: str, seed: int = 0) -> Run:
        """Open the run of a quarter.

        Raises
        ------
        InputRefused
            When the study has no plan, the plan is wrong, or the quarter is not written like 2026Q3.
        """
        display.prepare()
        data = home() / "data" / _plain(study)
        plan = Plan.load(data / "plan.yml")
        run = cls(study, plan.quarter(quarter), plan, seed, data)
        return replace(run, plan=_refitting(plan)) if (run.folder / ASKED).exists() else run

    def refitting(self) -> Run:
        """Decide that the quarter makes its segments anew although the plan keeps them; the decision stays with it."""
        private_folder(self.folder)
        (self.folder / ASKED).write_text("clustering.model: refit\n", encoding="utf-8")
        private_file(self.folder / ASKED)
        return replace(self, plan=_refitting(self.plan), _cache={})

    @property
    def folder(self) -> Path:
        """Where the quarter's results are published."""
        return self.data / "runs" / self.quarter.text

    @property
    def work(self) -> Path:
        """Where results are written first: the runner's own folder while a report is made."""
        given = os.environ.get("SEGLIB_WORK")
        return Path(given) if given else self.folder / ".work"

    @cached_property
    def engine(self) -> Any:
        """The engine, opened when first needed."""
        from seglib.core.engine import Engine

        return Engine.open(self.plan.engine, spill=self.folder / ".work" / f"spill-{os.getpid()}")

    @cached_property
    def key(self) -> bytes:
        """The study's pseudonym key."""
        return load_key(self.data / "private", self.plan.synthetic, self.study)

    @cached_property
    def tables(self) -> Any:
        """The checked tables of the contract; made from the sources when they are missing or have changed."""
        from seglib.core.intake import Intake, take_in

        if self.is_current(INTAKE_STEP):
            return self.read(Intake)
        self.ask_databases()
        take_in(self)
        return self.read(Intake)

    def ask_databases(self, say: Callable[[str], object] | None = None, anew: bool = False) -> None:
        """Ask databases what has no answer yet, or everything; what is current is then found out anew."""
        if answers.ask_all(self.data, self.plan, say, anew):
            self._cache.clear()

    def read(self, cls: type[T]) -> T:
        """Return what the step of this type handed on.

        Parameters
        ----------
        cls : type
            One of the types that a step hands on, for example ``Features``.

        Raises
        ------
        InputRefused
            When the result is missing, damaged or made from other inputs; the sentence names the remedy.
        """
        name = _step_of(cls)
        folder = self.place(name)
        receipt = store.read_receipt(folder)
        if receipt is None:
            raise InputRefused(
                Finding("X27", f"{cls.__name__} of {self.quarter.text} is not there yet", do=self._remedy(name))
            )
        store.check_files(folder, receipt)
        if receipt.key != self.expected_key(name):
            what = f"{cls.__name__} of {self.quarter.text} was made from other data, code or decisions"
            raise InputRefused(Finding("X27", what, f"{name}/{store.MANIFEST}", do=self._remedy(name)))
        return store.load(cls, folder, Later(self))

    def previous(self, cls: type[T], quarters: int = 1) -> T | None:
        """Return what the same step handed on last quarter, or some quarters ago; None when there was no run."""
        before = Run(self.study, self.quarter.back(quarters), self.plan, self.seed, self.data, self._cache)
        folder = before.place(_step_of(cls))
        receipt = store.read_receipt(folder)
        if receipt is None:
            return None
        store.check_files(folder, receipt)
        try:
            return store.load(cls, folder, Later(self))
        except (KeyError, TypeError):
            what = f"{cls.__name__} of {before.quarter.text} was made by another version"
            raise InputRefused(Finding("X27", what, do=before._remedy(_step_of(cls)))) from None

    def write(self, result: Any, files: Callable[[Path], None] | None = None) -> str:
        """Publish a step's result: a private folder, a manifest with hashes, one rename.

        Parameters
        ----------
        result : frozen dataclass
            An instance of the step's type.
        files : callable, optional
            Receives the work folder and writes further files into it.

        Returns
        -------
        str
            One sentence that says what was handed on.
        """
        name = _step_of(type(result))
        with told(name):
            work = store.work_folder(self.work, name)
            rows = store.save(result, work, Later(self), getattr(type(result), "KEYS", {}))
            if files:
                files(work)
            receipt = {
                "name": name,
                "key": self.expected_key(name),
                "parameters": {
                    "study": self.study,
                    "quarter": self.quarter.text,
                    "seed": self.seed,
                    "key": fingerprint(self.key),
                },
                "rows": rows,
                "inputs": self._inputs(name),
            }
            private_folder(self.folder)
            store.publish(work, self.folder / name, receipt)
        untold = getattr(result, "untold", getattr(type(result), "UNTOLD", ()))
        counts = ", ".join(name if name in untold else f"{name} {count:,} rows" for name, count in rows.items())
        return f"{type(result).__name__} handed on: {counts}."

    def place(self, name: str) -> Path:
        """Folder of a step's published result."""
        return self.folder / name

    def is_current(self, name: str) -> bool:
        """Whether a step's published result exists, with a whole manifest, and was made from today's inputs."""
        try:
            receipt = store.read_receipt(self.place(name))
        except InputRefused:
            return False  # it is made again
        return receipt is not None and receipt.key == self.expected_key(name)

    def expected_key(self, name: str) -> str:
        """Fingerprint of everything that a step's result depends on."""
        if name not in self._cache.setdefault(self.quarter.text, {}):
            self._cache[self.quarter.text][name] = store.sha256_json(self._ingredients(name))
        return str(self._cache[self.quarter.text][name])

    def _ingredients(self, name: str) -> dict[str, Any]:
        step = BY_NAME.get(name, Step(name))
        decisions = self.plan.model_dump(mode="json", include={*EVERYWHERE, *INTAKE, *step.sections})
        own = {own: one.kind for own, one in self.plan.criteria.attributes.items()}
        return {
            "step": name,
            "quarter": self.quarter.text,
            "seed": self.seed,
            "decisions": decisions | ({"criteria.attributes": own} if own else {}),  # intake reads their columns
            "code": _code(),
            "libraries": versions() | {"lock": lock_hash()},
            "inputs": self._inputs(name),
        }

    def _inputs(self, name: str) -> dict[str, str]:
        """Keys of what a step reads: earlier steps, last quarter's results, and the source files."""
        step = BY_NAME.get(name, Step(name))
        inputs = {read: self.expected_key(read) for read in step.reads}
        for back, names in ((1, step.past), (2, step.two_ago), (4, step.a_year_ago)):
            quarter = self.quarter.back(back)
            for past in names:
                receipt = store.read_receipt(self.data / "runs" / quarter.text / past)
                inputs[f"{quarter.text}/{past}"] = receipt.sha256 if receipt else "none"
        stones = sorted(tombstones(self.data / "private"))
        inputs |= {"forgotten": store.sha256_json(stones)} if stones else {}
        return inputs | self._sources() | (self._delivery() if "activation" in step.sections else {})

    def surroundings(self) -> dict[str, str]:
        """Hash what must stay as it is while a report is made: the plan, the sources and the code."""
        plan = {"plan.yml": store.sha256_file(self.data / "plan.yml"), "the code of seglib": store.code_hash()}
        return self._sources() | self._delivery() | plan

    def _sources(self) -> dict[str, str]:
        if "sources" not in self._cache:
            folder = self.data / "sources"
            read = [*self.plan.sources.values(), *([self.plan.rates.source] if self.plan.rates else [])]
            read += [lookup.source for lookup in self.plan.lookups.values()]
            paths = sorted({path for source in read for path in source_paths(source, folder)})
            named = {f"sources/{path.relative_to(folder).as_posix()}": path for path in paths}
            found = {name: fingerprint_of(path)[0] for name, path in named.items()}
            self._cache["sources"] = found | answers.fingerprints(self.data, self.plan)
        return dict(self._cache["sources"])

    def _delivery(self) -> dict[str, str]:
        """Hash what notebook 08 reads besides: the files of suppressed addresses, and the study's own formats."""
        patterns = {"sources": self.plan.activation.suppressed, "formats": "*.yml"}
        paths = sorted(path for folder, name in patterns.items() if name for path in (self.data / folder).glob(name))
        return {f"{path.parent.name}/{path.name}": store.sha256_file(path) for path in paths if path.is_file()}

    def _remedy(self, name: str) -> str:
        return store.again(self.place(name))


def _step_of(cls: type[Any]) -> str:
    """Name of the step that hands on a type."""
    name = getattr(cls, "STEP", None)
    if name not in BY_NAME and name != INTAKE_STEP:
        raise Bug(Finding("BUG", f"{cls.__name__} is not a type that a step hands on"))
    return str(name)


@cache
def _code() -> str:
    return store.code_hash()


def _refitting(plan: Plan) -> Plan:
    return plan.model_copy(update={"clustering": plan.clustering.model_copy(update={"model": "refit"})})


def _plain(study: str) -> str:
    if not re.fullmatch(STUDY, study):
        do = "use a-z, 0-9, - and _, at most 40"
        raise InputRefused(Finding("P01", "not a study's name", found=f"{len(study)} characters", do=do))
    return study

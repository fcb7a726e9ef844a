"""Every command line that a message tells a person to type is typed here, and does what the message says."""

import ast
import os
import re
import shlex
import subprocess
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import light_reports
import pytest

from seglib import __main__ as cli
from seglib.core import home as homes
from seglib.core import libraries, store
from seglib.core.errors import SegError
from seglib.core.plan import Plan
from seglib.core.privacy import load_key
from seglib.core.run import Run
from seglib.core.sources import database, lakes
from seglib.report import execute, make
from seglib.verbs import VERBS

ROOT = Path(__file__).resolve().parents[1]
ORDERS = "order_id,customer_id,ordered_at,amount\n" + "".join(
    f"{n},C{n % 9},2026-0{1 + n % 6}-{1 + n // 6 * 5 % 18:02},{n}.50\n" for n in range(1, 90)
)
REST = r"(?:(?!, |[.] | or |: | \(| - | takes it off| leaves it out| asks again| and )[^;\n#)])*"
COMMAND = re.compile(
    rf"(?:python -m )?(?:seglib (?:{'|'.join(VERBS)})\b|make (?:report|history|lab|init|fetch|env)\b|pip install){REST}"
    rf"|chmod \d+ {REST}|ulimit -\w|(?<![a-z])cd [{{a-z]\S*|unset \w+|(?<![\w-])--[a-z-]{{3,}}{REST}"
)


def told(path: Path) -> set[str]:
    """Command lines in the sentences of a module: whatever is filled in stands as {}."""
    source = path.read_text(encoding="utf-8")
    if not re.search(r"seglib |make |pip |chmod|ulimit|unset| cd |--[a-z]", source):
        return set()
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    parts = {
        id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node) if part is not node
    }
    homes_ = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {id(node.body[0].value) for node in nodes if isinstance(node, homes_) and isinstance(node.body[0], ast.Expr)}
    found = set()
    for node in nodes:
        if id(node) in parts | docs or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(p.value if isinstance(p, ast.Constant) and isinstance(p.value, str) else "{}" for p in pieces)
        found |= {line.rstrip(" ,.") for line in COMMAND.findall(text)} if " " in text else set()
    return found


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with a study whose notebooks take no time, and a new file of orders in the current folder."""
    for name, value in vars(make).items():
        if name in {"in_warm", "warm_up"}:
            monkeypatch.setattr(make, name, value)
    monkeypatch.setattr(execute, "execute", execute.execute)
    monkeypatch.setattr(store, "code_hash", store.code_hash)
    monkeypatch.setattr(light_reports.runs, "_code", light_reports.runs._code)
    light_reports.prepare()
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)
    homes.shipped()  # found once: what an installation brings along is that of the clone
    monkeypatch.setattr(homes, "clone", lambda: None)
    monkeypatch.setattr(homes, "_programs", lambda: [sysconfig.get_path("purelib")])  # not what lies beside the clone
    monkeypatch.setattr("seglib.init.trial.prove", lambda proposal: None)  # it has tests of its own
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    (folder / "plan.yml").write_text("study: acme\nsources: {orders: {file: orders.csv}}\n")
    (folder / "sources" / "orders.csv").write_text(ORDERS)
    (tmp_path / "my_orders.csv").write_text(ORDERS)
    return tmp_path


def typed(line: str) -> int:
    """Type a command line of seglib."""
    words = shlex.split(line.removeprefix("python -m "))
    assert words[0] == "seglib"
    return cli.main(words[1:])


def said(capsys) -> str:
    """What was last said on the error stream is to be done."""
    return capsys.readouterr().err.splitlines()[0].partition(" - do: ")[2]


def in_shell(line: str, folder: Path) -> int:
    """Type a line that is not of seglib."""
    return subprocess.run(["bash", "-c", line], cwd=folder, check=False).returncode


def make_a_home(home, monkeypatch, capsys):
    """Without a home the message says how to make one; what that prints leads to a report and to JupyterLab."""
    monkeypatch.delenv("SEGLIB_HOME")
    monkeypatch.setattr(cli, "latest", lambda _: "2026Q3")
    monkeypatch.setattr(cli.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    place = home / "elsewhere"
    place.mkdir()
    monkeypatch.chdir(place)
    assert typed("seglib report") == 4
    assert said(capsys) == "make one with: seglib new studies, then go there with: cd studies"
    assert typed("seglib new studies") == 0
    printed = capsys.readouterr().out
    (folder,) = re.findall(r"^  cd (\S+)$", printed, flags=re.M)
    monkeypatch.chdir(place / folder)
    assert re.findall(r"^  (seglib \w+)", printed, flags=re.M) == ["seglib report", "seglib lab", "seglib init"]
    assert [typed("seglib report"), typed("seglib lab")] == [0, 0]
    monkeypatch.setenv("SEGLIB_HOME", str(place / "nothing"))
    assert typed("seglib report") == 4
    assert said(capsys) == "make it with: seglib new FOLDER"
    assert in_shell("unset SEGLIB_HOME", place) == 0
    assert not re.search("FOLDER|studies", "".join(path.name for path in home.iterdir()))


def make_a_study(home, monkeypatch, capsys):
    """A study without a plan, a second one of the same name, and a column that is named by hand."""
    assert typed("seglib report --study shop") == 2
    line = said(capsys).removeprefix("make it with: ")
    assert (line, typed(line)) == ("seglib init my_orders.csv --study shop", 0)
    (home / "data" / "shop" / "plan.yml").write_text("study: shop\nsources: {orders: {file: my_orders.csv}}\n")
    assert typed(line) == 2
    assert "choose another --study" in said(capsys)
    assert typed(f"{line.replace('shop', 'other')} --column ordered_at=ordered_at") == 0
    (plan,) = re.findall(r"seglib report --study \w+", (home / "data" / "other" / "plan.yml").read_text())
    assert typed(plan) == 0


def answer_a_question(home, monkeypatch, capsys):
    """A column that init cannot find is asked for with the whole command."""
    rows = ("1,A,2026-01-05,2026-01-09,10.50", "2,B,2026-01-06,2026-01-09,11.50", "3,A,2026-02-06,2026-03-09,1.50")
    (home / "odd.csv").write_text("\n".join(["nr,wer,wann,auch wann,summe ges", *rows, ""]))
    code, out = typed("seglib init odd.csv --study odd"), capsys.readouterr().out
    lines = re.findall(r"seglib init odd.csv --study odd --column \w+=\S+", out)
    assert (code, [typed(line) for line in lines]) == (0, [0, 0]), out
    assert typed("seglib init odd.csv --study odd --column ordered_at:C") == 2
    assert said(capsys) == 'write --column ordered_at="Close Date"'


def take_shipping_off(home, monkeypatch, capsys):
    """A total that may hold the shipping beside it: what is told takes it off."""
    rows = [f"O{n},C{n % 7},2026-0{1 + n % 8}-1{n % 9},{20 + n}.{11 + n},{n % 5}.90" for n in range(40)]
    (home / "shop.csv").write_text("\n".join(["order_id,customer_id,date,order total,shipping", *rows, ""]))
    assert typed("seglib init shop.csv --study posted") == 0
    (how,) = re.findall(r'--column amount_extras="shipping"', capsys.readouterr().out)
    assert typed(f"seglib init shop.csv --study off {how}") == 0
    assert '\n      amount_extras: "shipping"' in (home / "data" / "off" / "plan.yml").read_text()
    assert typed('seglib init shop.csv --study named --column amount="order total"') == 0


def take_a_share_off(home, monkeypatch, capsys):
    """Money and a discount in per cent that no total proves: who knows that the money is before it says so."""
    rows = [f"O{n},C{n % 7},2026-0{1 + n % 8}-1{n % 9},{40 + n}.00,{10 * (n % 3)}" for n in range(40)]
    (home / "cut.csv").write_text("\n".join(["order_id,customer_id,date,amount,discount %", *rows, ""]))
    assert typed("seglib init cut.csv --study cut") == 0
    (how,) = re.findall(r'--column discount="discount %"', capsys.readouterr().out)
    assert typed(f"seglib init cut.csv --study less {how}") == 0
    plan = Plan.parse((home / "data" / "less" / "plan.yml").read_text())
    assert (plan.rules.discount, plan.sources["orders"].columns["discount"]) == ("share", "discount %")


def insist_on_a_customer(home, monkeypatch, capsys):
    """A file with suppliers and an account: who knows that the account bought says so."""
    rows = [f"T{n},2026-0{1 + n % 6}-1{n % 9},V{n % 2},A{n % 5},{n}0.50" for n in range(40)]
    (home / "checks.csv").write_text("\n".join(["no,date,vendor_id,account,amount", *rows, ""]))
    assert typed("seglib init checks.csv --study checks") == 2
    how = said(capsys).partition("is who bought: ")[2]
    assert (how, typed(f"seglib init checks.csv --study checks {how}")) == ('--column customer_id="account"', 0)


def take_the_other_price(home, monkeypatch, capsys):
    """Two prices and no total: who knows that the other one was charged says so."""
    rows = [f"O{n},C{n % 7},2026-0{1 + n % 8}-1{n % 9},2,{40 + n}.00,{30 + n}.50" for n in range(40)]
    (home / "two.csv").write_text("\n".join(["order_id,customer_id,date,quantity,price,member price", *rows, ""]))
    assert typed("seglib init two.csv --study two") == 0
    (how,) = re.findall(r'--column unit_price="[a-z ]+"(?= takes the other)', capsys.readouterr().out)
    assert typed(f"seglib init two.csv --study other {how}") == 0
    plan = Plan.parse((home / "data" / "other" / "plan.yml").read_text())
    assert f'--column unit_price="{plan.sources["orders"].columns["unit_price"]}"' == how


def join_files(home, monkeypatch, capsys):
    """Orders in several files: the command that joins them."""
    (home / "orders.csv").write_text(ORDERS)
    (home / "customers.csv").write_text("customer_id,city\n" + "".join(f"C{n},Town {n % 3}\n" for n in range(9)))
    (home / "products.csv").write_text("product,name\n" + "".join(f"P{n},Tea {n}\n" for n in range(9)))
    assert typed("seglib init orders.csv customers.csv --study acme2") == 0


def bring_back_the_demo(home, monkeypatch, capsys):
    """The demo's plan was deleted."""
    (home / "data" / "demo").mkdir()
    monkeypatch.setattr("seglib.demo_shop.write", lambda folder, seed: None)
    assert typed("seglib report") == 2
    assert typed(said(capsys).removeprefix("bring it back with: ")) == 0
    assert (home / "data" / "demo" / "plan.yml").is_file()


def make_again_from_a_step(home, monkeypatch, capsys):
    """A damaged result names the command that makes it again, in a home and in a clone."""
    assert typed("seglib report --study acme --quarter 2026Q1 --cell-seconds 1000") == 0
    place = home / "data/acme/runs/2026Q1/04_clustering"
    (place / "facts.json").write_text("{}")
    with pytest.raises(SegError) as caught:
        store.check_files(place, store.read_receipt(place))
    line = str(caught.value).partition(" - do: ")[2]
    assert line == "seglib report --study acme --quarter 2026Q1 --from 04"
    assert typed(line) == 0
    store.check_files(place, store.read_receipt(place))
    monkeypatch.setattr(homes, "clone", lambda: home.resolve())
    line = store.again(place)
    shown = subprocess.run([*shlex.split(line), "-n"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert line == "make report STUDY=acme QUARTER=2026Q1 FROM=04"
    assert "-m seglib report --study acme --quarter 2026Q1 --from 04" in shown
    monkeypatch.setattr(homes, "HAS_MAKE", False)  # as on Windows
    assert store.again(place) == "python -m seglib report --study acme --quarter 2026Q1 --from 04"
    monkeypatch.setattr(homes, "clone", lambda: None)
    assert typed("python -m seglib report --study acme --quarter 2026Q1 --from 04") == 0


def make_several_quarters(home, monkeypatch, capsys):
    """Quarters in the wrong order, then in the right one, anew where they ask for it."""
    assert typed("seglib history --study acme --from 2026Q1 --to 2025Q4") == 2
    assert said(capsys) == "swap --from and --to"
    for name in ("read", "previous"):
        monkeypatch.setattr(Run, name, lambda *_: None)  # nothing was computed here
    assert typed("python -m seglib history --study acme --from 2025Q4 --to 2026Q1") == 0
    assert typed("seglib history --study acme --from 2025Q4 --to 2026Q1 --refit-when-asked") == 0


def close_the_key(home, monkeypatch, capsys):
    """A key that others can read is closed in the study's folder."""
    private = home / "data" / "acme" / "private"
    load_key(private, False, "acme")
    (private / "pseudonym.key").chmod(0o644)
    with pytest.raises(SegError) as caught:
        load_key(private, False, "acme")
    assert in_shell(str(caught.value).partition(" - do: ")[2], private.parent) == 0
    assert len(load_key(private, False, "acme")) == 32


def take_the_tested_libraries(home, monkeypatch, capsys):
    """The list that is named is there, and Spark's package is the one of the project; nothing is installed here."""
    with pytest.raises(SegError) as caught:
        libraries.told(["pandas 1, not 2"], strict=True)
    lock = Path(shlex.split(str(caught.value))[-1])
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["spark"]
    assert (home / lock).resolve() == ROOT / "requirements.lock"
    assert [need.partition(">")[0] for need in extra] == ["ibis-framework[pyspark]"]
    monkeypatch.setattr(libraries, "strangers", lambda: ["pandas 1, not 2"])
    assert typed("seglib report --study acme --quarter 2026Q1 --locked") == 4
    assert typed("seglib report --study acme --quarter 2026Q1") == 0


def raise_a_limit(home, monkeypatch, capsys):
    """What the shell understands, up to what the system allows."""
    assert in_shell("ulimit -n $(ulimit -Hn) && ulimit -f $(ulimit -Hf)", home) == 0


def remove_the_old(home, monkeypatch, capsys):
    """Sources that the plan does not keep so long are removed by the command that the refusal names."""
    plan = home / "data" / "acme" / "plan.yml"
    plan.write_text(f"{plan.read_text()}retention: {{sources_days: 1}}\n")
    os.utime(home / "data/acme/sources/orders.csv", (0, 0))
    assert typed("seglib report --study acme --quarter 2026Q1") == 5
    assert typed(said(capsys).rpartition(": ")[2]) == 0
    assert not (home / "data/acme/sources/orders.csv").exists()


def mean_it(home, monkeypatch, capsys):
    """Forgetting wants a yes; with it nobody of that id is found here."""
    assert typed("seglib forget C1 --study acme") == 2
    assert said(capsys) == "say so with --yes"
    assert typed("seglib forget C1 --study acme --yes") == 2
    assert said(capsys) == "check its spelling"


def ask_for_help(home, monkeypatch, capsys):
    """A command that is not understood names its help."""
    assert typed("seglib history") == 2
    line = said(capsys)
    with pytest.raises(SystemExit) as ended:
        typed(line)
    assert (line, ended.value.code) == ("seglib history --help", 0)


def make_a_course(home, monkeypatch, capsys):
    """A course that is refused says which option to change; another shop than the demo goes where it is said."""
    monkeypatch.setattr("seglib.teach.folder._fill", lambda place, *_: place.mkdir())
    monkeypatch.setattr("seglib.demo_shop.write", lambda folder, seed: folder.mkdir())
    assert typed("seglib teach class --weeks 0") == 2
    assert said(capsys) == "name another --weeks"
    assert typed("seglib teach class --weeks 3 --seed -1") == 2
    assert said(capsys) == "name another --seed"
    assert typed("seglib teach class --weeks 3 --seed 1") == 0
    assert typed("seglib sample --seed 3") == 2
    assert said(capsys) == "name the folder with --into"
    assert typed("seglib sample --seed 3 --into other") == 0


def ask_a_database(home, monkeypatch, capsys):
    """An address in place of a file tells the command; that says which variable is not set, and what a driver needs."""
    monkeypatch.delenv("SHOP_DB", raising=False)
    assert typed("seglib init postgresql://host/shop --study shop") == 2
    (line,) = re.findall(r"seglib init --connection SHOP_DB --query 'SELECT ...' --study acme", said(capsys))
    line = line.replace("SELECT ...", "SELECT 1 AS a").replace("acme", "asked")
    assert typed(line) == 2
    assert (
        said(capsys)
        == "put the address into the environment: export SHOP_DB='postgresql://host/database?user=NAME&password=WORD'"
    )
    monkeypatch.setenv("SHOP_DB", "postgresql://127.0.0.1:1/shop?user=ann&password=secret")
    assert typed(line) == 4
    assert said(capsys).startswith("see that it runs")
    assert typed("seglib init --connection SHOP_DB --study asked") == 2
    assert typed(said(capsys).removeprefix("write ").replace("acme", "asked")) == 4
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    needed = {re.split(r"[\[<>=~]", need)[0] for extra in extras.values() for need in extra}
    assert {*database.EXTRA.split(), *" ".join(lakes.NEEDS.values()).split()} <= needed
    assert typed("seglib report --study acme --quarter 2026Q1 --from 00") == 0


def take_a_table_out(home, monkeypatch, capsys):
    """Of a zip file with two tables one is named; a limit that is none is written anew."""
    with zipfile.ZipFile(home / "two.zip", "w") as both:
        both.writestr("orders.csv", ORDERS)
        both.writestr("remarks.csv", "a,b\n1,2\n")
    assert typed("seglib init two.zip --study packed") == 2
    (how,) = re.findall(r'--inside "[^"]+"', said(capsys))
    assert typed(f"seglib init two.zip --study packed {how}") == 0
    assert typed(f"seglib init two.zip --study large {how} --unpacked-max-mb 0") == 2
    (most,) = re.findall(r"--unpacked-max-mb \d+", said(capsys))
    assert typed(f"seglib init two.zip --study large {how} {most}") == 0


def name_a_table(home, monkeypatch, capsys):
    """Where a table cannot be meant, another is named."""
    plan = home / "data" / "acme" / "plan.yml"
    plan.write_text(f"{plan.read_text()}connections: {{crm: {{uri_env: CRM_DB}}}}\n")
    monkeypatch.setattr(Run, "read", lambda *_: None)  # a finished quarter
    assert typed("seglib write-back --study acme --quarter 2026Q1 --connection crm --table Segments") == 2
    assert said(capsys) == "use small letters, digits and _, such as crm.segments"
    assert typed("seglib write-back --study acme --quarter 2026Q1 --connection crm --table crm.segments") == 2
    assert said(capsys) == "set activation.house: true, then make the report again"


TRIALS = {
    make_a_home: ("seglib new FOLDER", "seglib new studies", "cd studies", "cd {}", "seglib report", "seglib lab",
                  "unset SEGLIB_HOME"),
    make_a_study: ("make init FILE=my_orders.csv STUDY=", "seglib init my_orders.csv --study",
                   "seglib init my_orders.csv --study acme", "--study",
                   "seglib report --study {study}", "seglib init"),
    answer_a_question: ("seglib init {} --study {} {}", '--column {}="{}"', '--column ordered_at="Close Date"',
                        '--column order_id="{}"', '--column refunded="{}"'),
    take_shipping_off: ('--column amount_extras="{}"', '--column amount="{}"'),
    take_a_share_off: ('--column discount="{}"',),
    take_the_other_price: ('--column unit_price="{}" takes the other',),
    insist_on_a_customer: ('--column customer_id="{}"',),
    join_files: ("seglib init orders.csv customers.csv products.csv --study acme",),
    bring_back_the_demo: ("seglib sample",),
    make_again_from_a_step: ("make report", "make report STUDY={study}", "--cell-seconds", "python -m seglib report"),
    make_several_quarters: ("--from", "python -m seglib history --study {} --from {} --to {}",
                            "seglib history --study {} --from {} --to {} --refit-when-asked", "--refit-when-asked"),
    close_the_key: ("chmod 600 private/{}",),
    take_the_tested_libraries: ("--locked", "python -m pip install -r {}",
                                "python -m pip install 'ibis-framework[pyspark]'"),
    raise_a_limit: ("ulimit -n", "ulimit -f"),
    remove_the_old: ("seglib purge --study {}",),
    mean_it: ("--yes",),
    ask_for_help: ("--help",),
    ask_a_database: ("seglib init --connection SHOP_DB --query 'SELECT ...' --study acme",
                     "seglib init --connection SHOP_DB --query 'SELECT * FROM orders' --study acme",
                     "--connection", "--query", "--connection SHOP_DB", "--connection {} --query {}",
                     "python -m pip install {}", "--from 00", "seglib report without --quarter"),
    take_a_table_out: ('--inside "{}"', "--unpacked-max-mb 500"),
    name_a_table: ("--table",),
    make_a_course: ("--weeks", "--seed", "--into"),
}  # fmt: skip


def test_every_command_that_is_told_has_a_trial():
    """A new remedy fails here until it is typed below; one that is told no longer has no trial."""
    everything = set().union(*(told(path) for path in sorted((ROOT / "seglib").rglob("*.py"))))

    assert everything == {line for lines in TRIALS.values() for line in lines}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.__name__)
def test_what_is_told_works_when_it_is_typed(home, monkeypatch, capsys, trial):
    """Typed as it is printed, in the place that the message means."""
    trial(home, monkeypatch, capsys)

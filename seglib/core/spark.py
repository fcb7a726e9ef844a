"""Apache Spark for the engine: one quiet Java process, its files in a private folder and gone with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from seglib.core.errors import EnvironmentTrouble, Finding
from seglib.core.privacy import private_folder

JAVA = (17, 21)  # what Spark 4.0 runs on
STOP_SECONDS = 20
MEMORY = "1500m"  # as DuckDB has; spark.driver.memory in spark-defaults.conf comes first
PLACE = "plan.yml, engine"
PORT, SECRET = "PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"  # by these pyspark finds a Java that already runs
SHORT_LIFE = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"  # else half of the time goes into compiling
KEPT = ("Jobs", "Stages", "Tasks")  # what is over: a thousand of each filled the memory of a report
ALWAYS = {
    "spark.app.name": "seglib",
    "spark.ui.enabled": "false",  # its pages and the event log show queries, and these may hold keys
    "spark.eventLog.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    **dict.fromkeys(("spark.sql.ui.retainedExecutions", *(f"spark.ui.retained{what}" for what in KEPT)), "1"),
}
SESSION = {
    "spark.sql.execution.arrow.pyspark.enabled": "true",  # frames go over as columns, without Python workers
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",  # all times are UTC, in files without a zone
}
HERE = {  # where Spark computes on this machine and spark-defaults.conf does not say otherwise
    "spark.driver.bindAddress": "127.0.0.1",  # else it listens on the network
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",  # 200 cost a small query more than its work
}


def connect(folder: Path) -> Any:
    """Connect ibis with the session of this process, started where there is none.

    `SPARK_REMOTE`, or `spark.master` in spark-defaults.conf, says where Spark computes; else it is on this machine.

    Parameters
    ----------
    folder : Path
        What Spark keeps on disk lies here, readable by its owner only, until this process ends.

    Raises
    ------
    EnvironmentTrouble
        When pyspark or the right Java is missing, or Spark does not start.
    """
    try:
        import ibis

        session = _session(folder)
        connection = ibis.pyspark.connect(session, **SESSION)
    except Exception as error:
        raise _trouble(error) from None
    connection._register_in_memory_table = partial(_register, session)
    return connection


def _register(session: Any, table: Any) -> None:
    """Offer a frame to Spark by way of Arrow; ibis 12 goes by way of Python and loses whole numbers beside gaps."""
    session.createDataFrame(table.data.to_pyarrow(table.schema)).createOrReplaceTempView(table.name)


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Start Java once for every process that this one starts: each alone would pay for it in time and memory.

    Parameters
    ----------
    folder : Path
        As for `connect`; removed at the end.
    """
    if os.environ.get("SPARK_REMOTE"):
        yield
        return
    try:
        gateway = _session(folder).sparkContext._gateway
    except Exception as error:
        raise _trouble(error) from None
    os.environ |= {PORT: str(gateway.java_parameters.port), SECRET: gateway.java_parameters.auth_token}
    try:
        yield
    finally:
        for name in (PORT, SECRET):
            os.environ.pop(name, None)
        _end(gateway, folder)


def _session(folder: Path) -> Any:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if os.environ.get("SPARK_REMOTE") or SparkContext._active_spark_context:
        return SparkSession.builder.getOrCreate()
    return SparkSession(_joined() if os.environ.get(PORT) else _started(folder))


def _joined() -> Any:
    """Use the Java of the process that started this one, and what already computes there."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    gateway = launch_gateway()
    java = gateway.jvm.JavaSparkContext.fromSparkContext(gateway.jvm.org.apache.spark.SparkContext.getOrCreate())
    return SparkContext(gateway=gateway, jsc=java, conf=SparkConf(_jconf=java.getConf()))


def _started(folder: Path) -> Any:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    private_folder(folder)
    os.environ.setdefault("SPARK_DRIVER_MEMORY", MEMORY)
    files = {"spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder / "warehouse")}
    files["spark.driver.extraJavaOptions"] = f"-Djava.io.tmpdir='{folder}' {SHORT_LIFE} -XX:-UsePerfData"
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # a log may hold values
    try:
        gateway = launch_gateway(SparkConf().setAll([*{**ALWAYS, **files}.items()]), silent)
    except Exception:
        folder.rmdir()
        raise
    Finalize(None, _end, (gateway, folder), exitpriority=0)
    conf = SparkConf(_jvm=gateway.jvm)  # knows spark-defaults.conf by now
    for name, value in HERE.items() if str(conf.get("spark.master")).startswith("local") else ():
        conf.setIfMissing(name, value)
    return SparkContext(conf=conf, gateway=gateway)


def _end(gateway: Any, folder: Path) -> None:
    """End Java, and remove what it kept on disk: it holds rows of customers."""
    from pyspark import SparkContext

    java, gateway.proc = gateway.proc, None
    if java is None:
        return
    if SparkContext._active_spark_context:
        SparkContext._active_spark_context.stop()
    SparkContext._gateway = SparkContext._jvm = None  # else a later session would look for the Java that has gone
    with suppress(Exception):
        gateway.shutdown()
    java.stdin.close()  # Java ends when it can read no more
    try:
        java.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        java.kill()
        java.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _trouble(error: Exception) -> EnvironmentTrouble:
    """Say in one sentence why there is no session."""
    if isinstance(error, ImportError):
        remedy = "install Java 17 or 21, and type: python -m pip install 'ibis-framework[pyspark]'"
        return EnvironmentTrouble(Finding("X22", "Spark is not installed", PLACE, do=remedy))
    found = java_version()
    if os.environ.get("SPARK_REMOTE") or found in JAVA:
        remedy = "mend SPARK_REMOTE or spark-defaults.conf, or write engine: duckdb"
        return EnvironmentTrouble(Finding("X22", "Spark does not start", PLACE, found=type(error).__name__, do=remedy))
    spoken = f"Java {found}" if found else "no Java"
    remedy = "install Java 17 or 21, and let JAVA_HOME name its folder"
    return EnvironmentTrouble(Finding("X22", "Spark needs Java 17 or 21", PLACE, found=spoken, do=remedy))


def java_version() -> int | None:
    """Ask the Java that Spark would start for its version; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    asked = [str(Path(home) / "bin" / "java") if home else "java", "-version"]
    try:
        printed = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=STOP_SECONDS).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', printed)
    return int(match.group(1)) if match else None

"""Patients with a tracking server that is not there, is not MLflow, or does not let them in."""

from __future__ import annotations

import atexit
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward
from support import servers
from support.servers import Handler, always, kept_at, mlflow_like, reply

OPEN = ExitStack()  # the peers of all patients answer until the tests end
atexit.register(OPEN.close)
CANARY = "cAn4ry-S3cret"
LOGIN = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": CANARY}
OTHER_LOGIN = {**LOGIN, "MLFLOW_TRACKING_USERNAME": "bob"}
HERE = "http://127.0.0.1:{port}"
WITH_LOGIN = f"http://ada:{CANARY}@127.0.0.1:{{port}}"
PROXY = {"http_proxy": "http://127.0.0.1:1"}
MLFLOW = mlflow_like("3.17.2")
AIRPLAY = always(reply(403, Server="AirTunes/935.7.1"))
REGISTRY = always(reply(404, "404 page not found", Docker_Distribution_Api_Version="registry/2.0"))
GUARDED = always(reply(401, "You are not authenticated.", WWW_Authenticate='Basic realm="mlflow"'))
FOREIGN = always(reply(401, WWW_Authenticate='Basic realm="x"'))
TEAM = mlflow_like("3.17.2", prefix="/team")
EMPTY = mlflow_like("3.17.2", search=reply(200, "{}"))
ARTIFACTS_ONLY = always(reply(503, "Endpoint: … disabled due to the mlflow server running in `--artifacts-only` mode"))
FORM = always(reply(200, "<form><input type=password name=p></form>", Server="nginx"))
SSO = always(reply(302, Location="https://sso.example.com/login"))
TO_HTTPS = always(reply(301, Location="https://127.0.0.1/"))
LOOP = always(reply(302, Location="/again"))
FORBIDDEN = mlflow_like("3.17.2", search=reply(403, "Permission denied"))
OLD, HEAD, TABLES = "0584bdc529eb", "dc11669786a5", ("experiments", "runs")
POSTGRES = f"postgresql://ada:{CANARY}@db.internal/mlflow"
LOADS = "from dotenv import load_dotenv\nload_dotenv()\n"
ONLY_MLFLOW = ("mlflow",)


def asking(uri: str, **env: str) -> Callable[[Ward], None]:
    """A healthy environment whose runs go to this address."""

    def make(ward: Ward) -> None:
        ward.venv()
        ward.environ |= {"MLFLOW_TRACKING_URI": uri, **env}

    return make


def served(handler: Handler, address: str = HERE, **env: str) -> Callable[[Ward], None]:
    """The same, with somebody who answers there."""

    def make(ward: Ward) -> None:
        here = OPEN.enter_context(servers.peer(handler))
        asking(address.format(port=here.port), **env)(ward)

    return make


def guarded(connection: servers.socket.socket, request: str) -> None:
    """MLflow with a login that ada has."""
    known = "Authorization: Basic YWRhOmNBbjRyeS1TM2NyZXQ=" in request
    (MLFLOW if known else GUARDED)(connection, request)


def old_client(ward: Ward) -> None:
    served(MLFLOW)(ward)
    ward.library("mlflow", "2.22.5")


def local(
    *make: Callable[[Ward], object], uri: str = "", refuses: bool = True, libraries: str = "", **env: str
) -> Callable[[Ward], None]:
    """An environment whose MLflow has those files of MLflow 3 that tell what it makes of old runs."""

    def made(ward: Ward) -> None:
        ward.venv()
        package = ward.site / "mlflow"
        for name, text in {
            "store/tracking/file_store.py": "MLFLOW_ALLOW_FILE_STORE" if refuses else "",
            "tracking/_tracking_service/utils.py": "def _has_existing_mlruns_data(): ...",
            "store/tracking/dbmodels/models.py": "\n".join(f"    __tablename__ = '{table}'" for table in TABLES),
            "store/db_migrations/versions/a.py": f"revision = '{OLD}'\ndown_revision = None\n",
            "store/db_migrations/versions/b.py": f"revision = '{HEAD}'\ndown_revision = '{OLD}'\n",
        }.items():
            (package / name).parent.mkdir(parents=True, exist_ok=True)
            (package / name).write_text(text)
        for library in libraries.split():
            name, _, version = library.partition("==")
            ward.library(name, version or "1.0")
        ward.environ |= {"MLFLOW_TRACKING_URI": uri, **env} if uri else env
        for step in make:
            step(ward)

    return made


def old_runs(ward: Ward) -> None:
    ward.write("mlruns/0/meta.yaml", "experiment_id: '0'\n")


def database(revision: str, *tables: str) -> Callable[[Ward], object]:
    """A database of MLflow's, of this revision."""

    def make(ward: Ward) -> None:
        with closing(sqlite3.connect(ward.project / "mlflow.db")) as base:
            for table in tables or TABLES:
                base.execute(f"CREATE TABLE {table} (id INTEGER)")
            base.execute("CREATE TABLE alembic_version (version_num TEXT)")
            base.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
            base.commit()

    return make


def in_dotenv(text: str = "") -> Callable[[Ward], None]:
    """An address that only `.env` names, and a script with this text."""

    def make(ward: Ward) -> None:
        here = OPEN.enter_context(servers.peer(guarded))
        ward.venv()
        lines = [f"MLFLOW_TRACKING_URI={here.uri}", "MLFLOW_TRACKING_USERNAME=ada", f"MLFLOW_TRACKING_PASSWORD={CANARY}"]
        ward.write(".env", "\n".join([*lines, ""])).chmod(0o600)
        ward.write("train.py", text)

    return make


def asking_elsewhere(ward: Ward) -> None:
    """The environment names a server that is off; the doctor is asked about another one."""
    asking("http://localhost:1")(ward)
    ward.args += ["--mlflow-uri", OPEN.enter_context(servers.peer(MLFLOW)).uri]


def beside_a_server(ward: Ward) -> None:
    local(database(OLD), uri=OPEN.enter_context(servers.peer(MLFLOW)).uri)(ward)


def asks_only(ward: Ward) -> None:
    local(uri=OPEN.enter_context(servers.peer(MLFLOW)).uri, libraries="mlflow==2.22.5 sqlalchemy==2.1.0")(ward)


def behind_an_authority_of_its_own(ward: Ward) -> None:
    """TLS with a certificate that only the company knows, which MLflow is told to trust."""
    context, certificate = servers.self_signed(ward.root)
    here = OPEN.enter_context(servers.peer(MLFLOW, tls=context))
    asking(f"https://localhost:{here.port}", MLFLOW_TRACKING_SERVER_CERT_PATH=str(certificate))(ward)


def with_a_file_of_credentials(ward: Ward) -> None:
    served(guarded)(ward)
    (ward.home / ".mlflow").mkdir()
    (ward.home / ".mlflow/credentials").write_text(
        f"[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = {CANARY}\n"
    )


def named_by_the_project(ward: Ward) -> None:
    ward.venv()
    here = OPEN.enter_context(servers.peer(MLFLOW))
    ward.write("pyproject.toml", f'[tool.mlenv-doctor]\nmlflow-uri = "{here.uri}"\nwait = 5\n')


def off(ward: Ward) -> None:
    """A machine that takes no connections."""
    here = OPEN.enter_context(servers.dead())
    asking(here.uri)(ward)


def tells_no_secret(visit: Visit) -> None:
    assert CANARY not in visit.stdout + visit.stderr


def ends_in_time(visit: Visit) -> None:
    assert visit.seconds < 7


def is_healthy(visit: Visit) -> None:
    statuses = {finding["id"]: finding["status"] for finding in visit.findings()}
    assert statuses["mlflow.server"] == "pass", f"\n{visit}"
    tells_no_secret(visit)


def keeps_runs_here(visit: Visit) -> None:
    assert "mlflow-store-local" in visit.causes("pass"), f"\n{visit}"


def patient(id: str, make: Callable[[Ward], object], *red: str, args: tuple[str, ...] = (), **more: Any) -> Patient:
    return Patient(id, make, red=red, args=(*ONLY_MLFLOW, *args), **more)


PATIENTS = [
    Patient("nothing is configured", red=(), args=ONLY_MLFLOW, also=keeps_runs_here),
    patient("a store in a file", asking("sqlite:///mlflow.db"), also=keeps_runs_here),
    patient("nobody listens", asking("http://localhost:1"), "mlflow-refused"),
    patient("nobody listens to a password", asking(f"http://ada:{CANARY}@localhost:1"), "mlflow-refused", also=tells_no_secret),
    patient("an address without a port", asking("http://localhost:9"), "mlflow-refused"),
    patient("a name that leads nowhere", asking("http://mlflow-server.invalid:5000"), "mlflow-dns"),
    patient("AirPlay", served(AIRPLAY), "mlflow-wrong-port"),
    patient("a Docker registry", served(REGISTRY), "mlflow-wrong-port"),
    patient("an API that says {} to everything", served(always(reply(200, "{}"))), "mlflow-wrong-port"),
    patient("a page of HTML", served(always(reply(200, "<html>Sign in</html>"))), "mlflow-wrong-port"),
    patient("SSH", served(always(b"SSH-2.0-OpenSSH_9.2\r\n")), "mlflow-wrong-port"),
    patient("an API of one's own", served(always(reply(404, '{"detail":"Not Found"}', Server="uvicorn"))), "mlflow-wrong-port"),
    patient("a silent server", served(servers.silent), "mlflow-timeout", also=ends_in_time, slow=True),
    patient("a dripping server", served(servers.drip), "mlflow-timeout", also=ends_in_time, slow=True),
    patient("a machine that is off", off, "mlflow-timeout", also=ends_in_time, slow=True),
    patient("no login", served(guarded), "mlflow-auth-missing"),
    patient("half a login", served(guarded, MLFLOW_TRACKING_USERNAME="ada"), "mlflow-auth-missing"),
    patient("a wrong login", served(guarded, **OTHER_LOGIN), "mlflow-auth-wrong", also=tells_no_secret),
    patient("a server of another age", served(mlflow_like("2.22.5")), "mlflow-version-mismatch"),
    patient("an address without http", asking("localhost:5000"), "mlflow-uri-no-scheme"),
    patient("an address from the browser", served(MLFLOW, HERE + "/#/experiments"), "mlflow-uri-browser"),
    patient("https where http is spoken", served(MLFLOW, "https://127.0.0.1:{port}"), "mlflow-tls-mismatch"),
    patient("a path that does not exist", served(MLFLOW, HERE + "/team"), "mlflow-prefix-wrong"),
    patient("a name that is not allowed", served(always(reply(403, "Invalid Host header - …"))), "mlflow-allowed-hosts"),
    patient("a gateway with nothing behind it", served(always(reply(502))), "mlflow-gateway-error"),
    patient("a database in trouble", served(mlflow_like("3.17.2", search=reply(500))), "mlflow-backend-unready"),
    patient("a proxy in the way", served(MLFLOW, **PROXY), "mlflow-proxy-in-the-way"),
    patient("a login of somebody else's", served(FOREIGN), "mlflow-proxy-in-the-way"),
    patient("the host of an example", asking("http://your-server:5000"), "mlflow-uri-placeholder"),
    patient("a host in brackets", asking("http://<host>:5000"), "mlflow-uri-placeholder"),
    patient("postgres without ql", asking(f"postgres://ada:{CANARY}@db/mlflow"), "mlflow-uri-unsupported", also=tells_no_secret),
    patient("a path of Windows", asking("C:\\\\runs"), "mlflow-windows-path-uri"),
    patient("a path of Windows, the other way", asking("D:/runs"), "mlflow-windows-path-uri"),
    patient("quotes around the address", asking("'http://localhost:5000'"), "mlflow-uri-no-scheme"),
    patient("MLflow under the usual path", served(mlflow_like("3.17.2", prefix="/mlflow")), "mlflow-prefix-wrong"),
    patient("a server for files only", served(ARTIFACTS_ONLY), "mlflow-artifacts-only"),
    patient("a page to log in", served(FORM), "mlflow-proxy-in-the-way"),
    patient("on the way to a login", served(SSO), "mlflow-proxy-in-the-way"),
    patient("all is sent on to https", served(TO_HTTPS), "mlflow-redirects-writes"),
    patient("round in a circle", served(LOOP), "mlflow-redirect-loop"),
    patient("no permission", served(FORBIDDEN), "mlflow-forbidden"),
    patient("a server endless data", served(servers.endless), "mlflow-wrong-port"),
    patient("a header endless data", served(servers.long_header), "mlflow-wrong-port"),
    patient("an answer of Redis", served(always(b"-ERR unknown command\r\n")), "mlflow-wrong-port"),
    patient("a program of Flask's", served(always(reply(404, "no", Server="Werkzeug/3.1"))), "mlflow-wrong-port"),
    patient("Jupyter", served(always(reply(200, "<title>Jupyter</title>", Server="TornadoServer/6"))), "mlflow-wrong-port"),
    patient("a gateway that waits in vain", served(always(reply(504))), "mlflow-gateway-error"),
    patient("a locked database", served(mlflow_like("3.17.2", search=reply(503, '{"error_code": "TEMPORARILY_UNAVAILABLE"}'))), "mlflow-backend-unready"),
    patient("a token with a line end", served(MLFLOW, MLFLOW_TRACKING_TOKEN=f"{CANARY}\n"), "mlflow-auth-wrong", also=tells_no_secret),
    patient("an address on the command line", asking("http://localhost:2"), "mlflow-refused", args=("--mlflow-uri", "http://localhost:1")),
    patient("waited for in vain", asking("http://localhost:1"), "mlflow-refused", args=("--wait", "2")),
    patient("old runs in a folder", local(old_runs), "mlflow-file-store-refused"),
    patient("a folder by its name", local(old_runs, uri="./mlruns"), "mlflow-file-store-refused", cure="mlflow-file-store-refused"),
    patient("a folder that is not there yet", local(uri="file:./runs"), "mlflow-file-store-refused", cure="mlflow-file-store-refused"),
    patient("a database of an older MLflow", local(database(OLD)), "mlflow-db-schema-old"),
    patient("a database of a newer MLflow", local(database("abcdef012345")), "mlflow-db-schema-newer"),
    patient("another program's database", local(database("abcdef012345", "ab_user")), "mlflow-db-schema-newer"),
    patient("no driver for Postgres", local(uri=POSTGRES), "mlflow-db-driver-missing", also=tells_no_secret),
    patient("the old driver for Postgres", local(uri=POSTGRES, libraries="sqlalchemy==2.1.0 psycopg2"), "mlflow-db-driver-missing"),
    patient("no driver for MySQL", local(uri="mysql+pymysql://h/d"), "mlflow-db-driver-missing"),
    patient("an older MLflow with a new SQLAlchemy", local(uri="sqlite:///mlflow.db", libraries="mlflow==2.22.5 sqlalchemy==2.1.0"), "mlflow-sqlalchemy-2.1"),
    patient("an address that nobody loads", in_dotenv("import mlflow\n"), yellow=("mlflow-uri-in-dotenv",), also=tells_no_secret),
    patient("files in a bucket", served(mlflow_like("3.17.2", search=kept_at("s3://b/0"))), yellow=("mlflow-artifacts-client-missing",)),
    patient("a database that the next program changes", local(database(OLD, "experiments", "x")), yellow=("mlflow-db-schema-old",)),
    patient("an address that a script loads", in_dotenv(LOADS), also=is_healthy),
    patient("files with the server", served(mlflow_like("3.17.2", search=kept_at("mlflow-artifacts:/0"))), also=is_healthy),
    patient("files in a folder of this machine", served(mlflow_like("3.17.2", search=kept_at("/srv/0"))), also=is_healthy),
    patient("a healthy server by the command line", asking_elsewhere, also=is_healthy),
    patient("old runs, and a permission", local(old_runs, MLFLOW_ALLOW_FILE_STORE="true")),
    patient("old runs, and an MLflow that takes them", local(old_runs, refuses=False)),
    patient("a folder mlruns with files alone", local(lambda w: w.write("mlruns/0/abc/artifacts/model.pkl", b""))),
    patient("a database of this MLflow", local(database(HEAD))),
    patient("a database that is yet to be made", local(uri="sqlite:///new.db")),
    patient("an empty database", local(lambda w: w.write("mlflow.db", b""))),
    patient("an old database beside a server", beside_a_server, also=is_healthy),
    patient("Postgres with its driver", local(uri=POSTGRES, libraries="psycopg2-binary"), also=tells_no_secret),
    patient("Postgres with the new driver", local(uri=POSTGRES, libraries="sqlalchemy==2.1.0 psycopg")),
    patient("an older MLflow with its SQLAlchemy", local(uri="sqlite:///mlflow.db", libraries="mlflow==2.22.5 sqlalchemy==2.0.40")),
    patient("an older MLflow that asks a server only", asks_only, also=is_healthy),

    patient("a healthy server behind an authority of its own", behind_an_authority_of_its_own, also=is_healthy, needs=("openssl",)),
    patient("a healthy server with a file of credentials", with_a_file_of_credentials, also=is_healthy),
    patient("a healthy server that the project names", named_by_the_project, also=is_healthy),
    patient("a healthy server with patience", served(MLFLOW), also=is_healthy, args=("--wait", "30")),
    patient("Databricks", asking("databricks://team")),
    patient("a healthy server", served(MLFLOW), also=is_healthy),
    patient("a healthy server, and a slash", served(MLFLOW, "http://localhost:{port}/"), also=is_healthy),
    patient("a healthy server under a path", served(TEAM, HERE + "/team"), also=is_healthy),
    patient("a healthy server with a login", served(guarded, **LOGIN), also=is_healthy),
    patient("a healthy server with a login in the address", served(guarded, WITH_LOGIN), also=is_healthy),
    patient("a healthy server without a single experiment", served(EMPTY), also=is_healthy),
    patient("a healthy server past a proxy", served(MLFLOW, **PROXY, no_proxy="127.0.0.1"), also=is_healthy),
    patient("a client that is older than its server", old_client, also=is_healthy),
    patient("a login that only a plug-in has", served(always(reply(401)), MLFLOW_TRACKING_AUTH="company-plug-in")),
    patient("a server that says no more than no", served(always(reply(403)))),
]  # fmt: skip

"""The command line: what each form takes, and what it runs."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from wallboard import __version__
from wallboard.access import PERSON_ROLES
from wallboard.errors import AlreadyRunning, ConfigError, WallboardError
from wallboard.parts import load_web, web
from wallboard.process import Early
from wallboard.settings import DEMO, ROLES, Run, is_loopback, read_city
from wallboard.tokens import MaskingFormatter

#: A wrong configuration or call, as shells expect it.
WRONG = 2


def run_command(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for; the exit code."""
    words = list(arguments)
    # `python3 server.py` and `python3 server.py --port 9000` run the wall.
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    options = _parser().parse_args(words)
    log = logging.StreamHandler()
    log.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[log])
    try:
        return int(options.do(options))
    except ConfigError as fault:
        for line in fault.faults:
            print(line, file=sys.stderr)
        print(
            f"{len(fault.faults)} fault{'s' if len(fault.faults) != 1 else ''}; nothing was started.",
            file=sys.stderr,
        )
        return WRONG
    except AlreadyRunning as fault:
        print(fault, file=sys.stderr)
        return WRONG
    except WallboardError as fault:
        print(f"wallboard: {fault}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="server.py",
        description="The wall of a city's command centre. Without a command it runs the demo city.",
    )
    parser.add_argument("--version", action="version", version=f"wallboard {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the wall (the default)")
    run.set_defaults(do=_run)
    _config(run, DEMO)
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    run.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (default 8000; 0: any free one)"
    )
    run.add_argument(
        "--state-dir", type=Path, help="where Redis, history and keys are kept (default .wallboard/CITY)"
    )
    run.add_argument(
        "--redis", default="", metavar="URL", help="an external Redis; password: WALLBOARD_REDIS_PASSWORD"
    )
    run.add_argument(
        "--role", choices=["all", *ROLES], default="all", help="run only this part (needs --redis)"
    )
    run.add_argument("--workers", type=int, default=1, help="web processes (default 1)")
    run.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain for https, PEM")
    run.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    run.add_argument(
        "--behind-proxy", action="store_true", help="https ends at a proxy in front (which sets Host)"
    )
    run.add_argument(
        "--public-host", action="append", default=[], metavar="NAME",
        help="a name that people reach the server by; may be given again",
    )  # fmt: skip
    run.add_argument("--clock", metavar="TIME", help="as if it were this time (ISO 8601), for old documents")

    _init_parser(commands.add_parser("init", help="make a city.toml from a city's boundaries"))

    check = commands.add_parser(
        "check", help="check configuration, boundaries and rules: every fault at once"
    )
    check.set_defaults(do=_check)
    _config(check, DEMO)

    parse = commands.add_parser(
        "parse", help="print a document as the events it would become, one JSON a line"
    )
    parse.set_defaults(do=_parse)
    parse.add_argument("feed", metavar="FEED", help="name of a feed in the configuration, or a type of feed")
    parse.add_argument("files", metavar="FILE", nargs="+", type=Path)
    _config(parse, None, "the city's city.toml (default: none, and FEED is a type)")
    parse.add_argument("--clock", metavar="TIME", help="received_at of the events (default: now)")

    locate = commands.add_parser(
        "locate", help='read "lon,lat" lines or CSV, print the district of each as JSON'
    )
    locate.set_defaults(do=_locate)
    _config(locate, None)
    locate.add_argument("--districts", type=Path, help="a GeoJSON file, instead of a configuration")
    locate.add_argument("--levels", default="", help='"code_property,name_property;…", highest level first')
    _user_parser(commands.add_parser("user", help="who may log in: add, list, disable, remove, …"))
    _screen_parser(commands.add_parser("screen", help="paired screens: list, name, revoke"))
    _rules_parser(commands.add_parser("rules", help="the rules in force; what they make of recorded commits"))
    _audit_parser(commands.add_parser("audit", help="is the trail of what people did whole; what it says"))
    return parser


def _init_parser(parser: argparse.ArgumentParser) -> None:
    from wallboard.init.command import add_arguments

    add_arguments(parser)
    parser.set_defaults(do=_init)


def _init(options: argparse.Namespace) -> int:
    from wallboard.init.asking import terminal
    from wallboard.init.command import run_init

    asks = sys.stdin.isatty() and sys.stdout.isatty()
    return run_init(options, sys.stdout, terminal(sys.stdin, sys.stdout) if asks else None)


def _user_parser(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_subparsers(required=True, metavar="WHAT", dest="what")
    for what, help in (
        ("list", "print all, one a line"),
        ("add", "make somebody known; prints a one-time link to choose a password"),
        ("disable", "not for now: all their log-ins end within 5 s"),
        ("enable", "again"),
        ("remove", "for good: what they did stays in the audit trail"),
        ("password", "give a first password, asked at the terminal; they have to choose another"),
        ("link", "a one-time link to choose a password; all their log-ins end"),
    ):
        each = asked.add_parser(what, help=help)
        each.set_defaults(do=_user)
        if what != "list":
            each.add_argument("name", metavar="NAME", help="the log-in name")
        if what == "add":
            each.add_argument("--role", required=True, choices=PERSON_ROLES)
            each.add_argument("--full-name", default="", metavar="TEXT", help="as colleagues see them")
            each.add_argument("--districts", default="", metavar="CODES", help="only these, with commas")
            each.add_argument("--agency", default="", metavar="CODE", help="whose, for the role agency")
        _config(each, DEMO)
        each.add_argument("--state-dir", type=Path, help="as for `run`")
        each.add_argument("--redis", default="", metavar="URL", help="an external Redis, as for `run`")


def _user(options: argparse.Namespace) -> int:
    from wallboard.users import run_user

    return run_user(read_city(options.config), options)


def _screen_parser(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_subparsers(required=True, metavar="WHAT")
    all_of_them = asked.add_parser("list", help="print all, one a line")
    name = asked.add_parser("name", help="call one something else")
    revoke = asked.add_parser("revoke", help="end one's right for good, within 5 s everywhere")
    for each in (all_of_them, name, revoke):
        _config(each, DEMO)
        each.add_argument("--state-dir", type=Path, help="as for `run`")
        each.add_argument("--redis", default="", metavar="URL", help="an external Redis, as for `run`")
        each.set_defaults(do=_screen, action="list", name="")
    for each in (name, revoke):
        each.add_argument("id", metavar="ID", help="of the screen, as `screen list` prints it")
    name.add_argument("name", metavar="NAME")
    name.set_defaults(action="screen.name")
    revoke.set_defaults(action="screen.revoke")


def _screen(options: argparse.Namespace) -> int:
    from wallboard.reach import reach, state_dir_of
    from wallboard.screens import list_screens, tell

    city = read_city(options.config).city
    with reach(state_dir_of(city.key, options.state_dir), options.redis) as reached:
        if options.action == "list":
            return list_screens(reached.url, city.key, city.time_zone, sys.stdout)
        args = {"id": options.id, **({"name": options.name} if options.name else {})}
        return tell(reached.url, city.key, options.action, args, reached.running, sys.stdout)


def _rules_parser(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_subparsers(required=True, metavar="WHAT")
    listed = asked.add_parser("list", help="print the rules that are in force today, with their texts")
    tried = asked.add_parser("try", help="play recorded commits against the rules: what would be raised")
    for each in (listed, tried):
        _config(each, DEMO)
    tried.add_argument(
        "--history", type=Path, metavar="STATE_DIR", help="a --state-dir with history (default: the city's)"
    )
    tried.add_argument("--from", dest="begin", metavar="TIME", help="from this time on (ISO 8601)")
    tried.add_argument("--to", dest="end", metavar="TIME", help="up to this time")
    tried.add_argument("--rule", default="", metavar="ID", help="show this rule alone")
    listed.set_defaults(do=_rules_list)
    tried.set_defaults(do=_rules_try)


def _rules_list(options: argparse.Namespace) -> int:
    from wallboard.rules_try import list_rules

    city = read_city(options.config)
    today = datetime.now(ZoneInfo(city.city.time_zone)).date().isoformat()
    return list_rules(city, today, sys.stdout)


def _rules_try(options: argparse.Namespace) -> int:
    from wallboard.ground import prepare
    from wallboard.reach import state_dir_of
    from wallboard.rules_try import Asked, try_rules

    city = read_city(options.config)
    zone = city.city.time_zone
    asked = Asked(
        state_dir_of(city.city.key, options.history),
        _time(options.begin, zone, "--from"),
        _time(options.end, zone, "--to"),
        options.rule,
    )
    ground = prepare(city, options.config.resolve().parent, str(options.config))
    return try_rules(city, ground, asked, sys.stdout)


def _audit_parser(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_subparsers(required=True, metavar="WHAT")
    verify = asked.add_parser("verify", help="find a line that was changed, removed, re-ordered or cut off")
    show = asked.add_parser("show", help="print lines, oldest first")
    for each in (verify, show):
        _config(each, DEMO)
        each.add_argument(
            "--state-dir", type=Path, action="append", default=[], help="of an engine; may be given again"
        )
        each.add_argument("--redis", default="", metavar="URL", help="an external Redis, as for `run`")
        each.add_argument("--key", type=Path, action="append", default=[], help="file of a further key")
    verify.add_argument(
        "--checkpoints", type=Path, action="append", default=[], help="file of checkpoints to compare with"
    )
    verify.set_defaults(do=_audit_verify)
    show.add_argument("--from", dest="begin", metavar="TIME", help="from this time on (ISO 8601)")
    show.add_argument("--to", dest="end", metavar="TIME", help="before this time")
    show.add_argument("--person", default="", help="only what this person did")
    show.set_defaults(do=_audit_show)


def _audit_verify(options: argparse.Namespace) -> int:
    from wallboard.audit_command import Sources, verify_trail

    city = read_city(options.config)
    sources = Sources(city, options.state_dir, options.redis, options.key)
    points = list(options.checkpoints)
    own = options.config.resolve().parent / city.audit.checkpoints if city.audit.checkpoints else None
    if not points and own is not None and own.exists():
        points.append(own)
    return verify_trail(sources, points, sys.stdout)


def _audit_show(options: argparse.Namespace) -> int:
    from wallboard.audit_command import Sources, show_trail

    city = read_city(options.config)
    zone = city.city.time_zone
    begin, end = _time(options.begin, zone, "--from"), _time(options.end, zone, "--to")
    sources = Sources(city, options.state_dir, options.redis, options.key)
    return show_trail(sources, begin, end, options.person, sys.stdout)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is no port; ports are 0 (any free one) to 65535")
    return port


def _config(
    parser: argparse.ArgumentParser,
    default: Path | None,
    help: str = "the city's city.toml (default: the demo city)",
) -> None:
    parser.add_argument("--config", type=Path, default=default, help=help)


def _run(options: argparse.Namespace) -> int:
    if (options.tls_cert is None) != (options.tls_key is None):
        raise WallboardError("--tls-cert and --tls-key belong together: give both files, or none.")
    for file in (options.tls_cert, options.tls_key):
        if file is not None and not file.is_file():
            raise WallboardError(f"{file} is no file: https needs the certificate and its key as PEM files.")
    if not is_loopback(options.host) and options.tls_cert is None and not options.behind_proxy:
        raise WallboardError(
            f"--host {options.host} is refused without https: passwords would cross the network in the open. "
            "Give --tls-cert and --tls-key, or --behind-proxy where https ends in front."
        )
    roles = ROLES if options.role == "all" else (options.role,)
    if options.role != "all" and not options.redis:
        raise WallboardError(f"--role {options.role} needs --redis URL: parts of a city meet in one Redis.")
    if options.workers < 1:
        raise WallboardError(f"--workers {options.workers}: at least 1")
    # Calls and reports are nobody else's on this machine: Redis' files, history and keys alike.
    os.umask(0o077)
    # Little of what a start makes is garbage; to look for it takes a tenth of the time (`run` begins).
    gc.disable()
    with Early("web-1", load_web, web) if "web" in roles else nullcontext() as early:
        from wallboard.supervisor import run

        city = read_city(options.config, roles)
        settings = Run(
            config=options.config,
            host=options.host,
            port=options.port,
            state_dir=options.state_dir,
            redis=options.redis,
            roles=roles,
            workers=options.workers,
            clock=_time(options.clock, city.city.time_zone),
            tls_cert=options.tls_cert,
            tls_key=options.tls_key,
            behind_proxy=options.behind_proxy,
            public_hosts=tuple(options.public_host),
        )
        return run(settings, city, early)


def _check(options: argparse.Namespace) -> int:
    from wallboard.check import check

    return int(check(options.config, sys.stdout))


def _parse(options: argparse.Namespace) -> int:
    from feeds.parse_command import parse_files
    from wallboard.clock import Clock

    city = read_city(options.config) if options.config else None
    zone = city.city.time_zone if city else "UTC"
    now = _time(options.clock, zone)
    return parse_files(
        options.feed, options.files, city, Clock().now() if now is None else now, sys.stdout, sys.stderr
    )


def _locate(options: argparse.Namespace) -> int:
    from wallboard.ground import districts_alone, prepare
    from wallboard.locate import locate_lines

    stdin = cast(BufferedReader, sys.stdin.buffer)
    if options.districts:
        geofence = districts_alone(options.districts, options.levels)
    else:
        config = options.config or DEMO
        if not options.config:
            print("districts of the demo city; --config or --districts names others", file=sys.stderr)
        geofence = prepare(read_city(config), config.resolve().parent, str(config)).geofence
    return locate_lines(stdin, sys.stdout.buffer, geofence)


def _time(text: str | None, zone: str, option: str = "--clock") -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WallboardError(f"{option} {text!r} is no time; write 2026-09-24T15:30:00+08:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()

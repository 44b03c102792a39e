"""The words that click itself says to our users, marked so that `make messages` collects them.

Click looks its sentences up in our catalogs (`i18n.speak`), but they stand in click's code, which is not searched.
Nothing imports this at run time. A test holds the list against the installed click.
"""

from __future__ import annotations

from ksf_agreements.text import TN, T, Text

CLICK_WORDS: tuple[Text, ...] = (
    # Help pages.
    T("Usage:"),
    T("Options"),
    T("Commands"),
    T("Positional arguments"),
    T("Show this message and exit."),
    T("Show the version and exit."),
    T("default: {default}"),
    T("env var: {var}"),
    T("required"),
    # Wrong usage.
    T("Error: {message}"),
    T("Try '{command} {option}' for help."),
    T("No such command {name!r}."),
    T("No such option {name!r}."),
    TN("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
    T("Missing command."),
    T("Missing argument"),
    T("Missing option"),
    T("Missing parameter"),
    TN("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1),
    TN("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1),
    T("Option {name!r} does not take a value."),
    T("Argument {name!r} takes {nargs} values."),
    # Values that an option cannot take.
    T("Invalid value: {message}"),
    T("Invalid value for {param_hint}: {message}"),
    TN("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
    T("Choose from:\n\t{choices}"),
    T("{value!r} is not a valid {number_type}."),
    T("{value} is not in the range {range}."),
    TN("{value!r} does not match the format {format}.", "{value!r} does not match the formats {formats}.", 1),
    # Files.
    T("file"),
    T("directory"),
    T("path"),
    T("{name} {filename!r} does not exist."),
    T("{name} {filename!r} is a file."),
    T("{name} {filename!r} is a directory."),
    T("{name} {filename!r} is not readable."),
    T("{name} {filename!r} is not writable."),
    T("Could not open file {filename!r}: {message}"),
    T("unknown error"),
    # Questions.
    T("Aborted!"),
    T("Error: invalid input"),
)

USAGE_WORDS: tuple[Text, ...] = (
    # The names in usage lines, click's and ours, which `cli.base` translates.
    T("[OPTIONS]"),
    T("COMMAND [ARGS]..."),
    T("FILE"),
    T("FILES..."),
    T("CLUSTER"),
    T("[CLUSTER]"),
    T("[PARTY]"),
    T("EVENT"),
    T("DATE"),
    T("NAME"),
    T("INTEGER"),
    T("TEXT"),
)

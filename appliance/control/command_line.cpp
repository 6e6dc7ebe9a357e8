#include "control/command_line.h"

#include "control/answers.h"
#include "text/ascii.h"

#include <algorithm>
#include <format>

namespace postern::control {

namespace {

using enum ParameterKind;

// "account.add" as it is typed.
std::string typed_name(Command const& command) {
    std::string name(command.name);
    std::ranges::replace(name, '.', ' ');
    return name;
}

// A parameter as it is typed: "NAME", "--administrator", "--port PORT".
std::string typed_parameter(Parameter const& parameter) {
    switch (parameter.kind) {
    case word:
    case words:
    case more_words:
    case file: break;
    case flag: return std::format("--{}", parameter.name);
    case option: return std::format("--{} {}", parameter.name, text::upper(parameter.name));
    case upload:
    case secret_upload: return std::format("--{} FILE", parameter.name);
    case secret:
    case known_secret: return std::format("--{}-stdin", parameter.name);
    }
    return text::upper(parameter.name);
}

bool has_secret(Command const& command) {
    return std::ranges::any_of(command.parameters, [](Parameter const& parameter) {
        return parameter.kind == secret || parameter.kind == known_secret;
    });
}

// Whether "--name" is followed by its value: which command it is for is known only later.
bool takes_value(std::string_view name) {
    return std::ranges::any_of(command_table(), [&](Command const& command) {
        return std::ranges::any_of(command.parameters, [&](Parameter const& parameter) {
            bool const valued = parameter.kind == option || parameter.kind == upload || parameter.kind == secret_upload;
            return valued && parameter.name == name;
        });
    });
}

// The command that `words` begin with, which are taken.
std::expected<Command const*, std::string> take_command(std::span<std::string const>& words) {
    for (std::size_t const count : {2UZ, 1UZ}) {
        if (words.size() < count) continue;
        Command const* command = find_command(count == 1 ? words[0] : std::format("{}.{}", words[0], words[1]));
        if (command == nullptr) continue;
        words = words.subspan(count);
        return command;
    }
    std::string given = words[0];
    if (words.size() > 1) given += " " + words[1];
    return std::unexpected(std::format("there is no command {}; `postern --help` shows them all", given));
}

std::expected<void, std::string> read_positional(CommandLine& line, std::span<std::string const> words) {
    Command const& command = *line.command;
    for (Parameter const& parameter : command.parameters) {
        if (parameter.kind != word && parameter.kind != ParameterKind::words && parameter.kind != more_words &&
            parameter.kind != file)
            continue;
        if (words.empty() && parameter.kind == more_words) continue;
        if (words.empty()) return std::unexpected(std::format("usage: postern {}", usage_of(command)));
        if (parameter.kind == word) {
            line.arguments[parameter.name] = words.front();
            words = words.subspan(1);
        } else if (parameter.kind == file) {
            line.file = words.front();
            words = words.subspan(1);
        } else {
            line.arguments[parameter.name] = json::array(words.begin(), words.end());
            words = {};
        }
    }
    if (!words.empty())
        return std::unexpected(std::format("{} is too much; usage: postern {}", words.front(), usage_of(command)));
    return {};
}

} // namespace

std::optional<std::string> CommandLine::given(std::string_view name) const {
    json::value const* value = arguments.if_contains(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value->as_string());
}

std::expected<CommandLine, std::string> parse_command_line(std::span<std::string const> words) {
    CommandLine line;
    std::vector<std::string> positional;
    struct Option {
        std::string name;
        std::optional<std::string> value;
    };
    std::vector<Option> options; // to be looked up once the command is known
    bool only_words = false;     // after "--"
    for (std::size_t at = 0; at < words.size(); ++at) {
        std::string const& given = words[at];
        if (only_words || !given.starts_with("--")) {
            positional.push_back(given);
        } else if (given == "--") {
            only_words = true;
        } else if (given == "--data" || given == "--control") {
            if (++at == words.size()) return std::unexpected(std::format("{} wants a path", given));
            (given == "--data" ? line.data : line.control) = words[at];
        } else if (given == "--json") {
            line.json = true;
        } else if (given == "--help") {
            line.help = true;
        } else {
            Option& option = options.emplace_back(given.substr(2));
            if (!takes_value(option.name)) continue;
            if (++at == words.size()) return std::unexpected(std::format("{} wants a value", given));
            option.value = words[at];
        }
    }
    std::span<std::string const> rest = positional;
    if (rest.empty()) {
        if (line.help) return line;
        return std::unexpected("no command was given; `postern --help` shows them all");
    }
    auto const command = take_command(rest);
    if (!command) return std::unexpected(command.error());
    line.command = *command;
    if (line.help) return line;

    for (auto const& [name, value] : options) {
        auto const parameter = std::ranges::find(line.command->parameters, std::string_view(name), &Parameter::name);
        if (name == "password-stdin" && has_secret(*line.command))
            line.password_stdin = true;
        else if (parameter != line.command->parameters.end() && parameter->kind == flag)
            line.arguments[name] = true;
        else if (parameter != line.command->parameters.end() && parameter->kind == option)
            line.arguments[name] = *value;
        else if (parameter != line.command->parameters.end() &&
                 (parameter->kind == upload || parameter->kind == secret_upload))
            line.uploads.emplace_back(name, *value);
        else
            return std::unexpected(std::format("--{} is no option of {}", name, typed_name(*line.command)));
    }
    if (auto const read = read_positional(line, rest); !read) return std::unexpected(read.error());
    return line;
}

std::string usage_of(Command const& command) {
    std::string usage = typed_name(command);
    for (Parameter const& parameter : command.parameters) {
        std::string const typed = typed_parameter(parameter);
        bool const may_be_left_out = typed.starts_with("--") || parameter.kind == more_words;
        usage += may_be_left_out ? std::format(" [{}]", typed) : " " + typed;
        if (parameter.kind == words || parameter.kind == more_words) usage += "...";
    }
    return usage;
}

std::string help_text() {
    std::string help = "usage: postern [--data DIR] [--control SOCKET] [--json] COMMAND\n\n";
    for (Command const& command : command_table())
        help += std::format("  {}\n      {}\n", usage_of(command), command.help);
    help += "\n"
            "  --data DIR         the daemon's data, /var/lib/postern unless told\n"
            "  --control SOCKET   its control socket: DIR/control.sock where --data is given, else\n"
            "                     /run/postern/control.sock\n"
            "  --json             what is shown as JSON, for scripts\n"
            "  COMMAND --help     more about one command\n"
            "\n"
            "A password is asked for on a terminal; --password-stdin reads it from standard input. With neither, a new "
            "one\n"
            "is made up and shown.\n"
            "Exit code: 0 done; 1 refused, with a reason on standard error; 2 wrong usage; 3 no daemon.\n";
    return help;
}

std::string help_text(Command const& command) {
    std::string help = std::format("usage: postern {}\n\n{}\n", usage_of(command), command.help);
    std::size_t width = 18;
    for (Parameter const& parameter : command.parameters) width = std::max(width, typed_parameter(parameter).size());
    for (Parameter const& parameter : command.parameters)
        help += std::format("  {:<{}} {}\n", typed_parameter(parameter), width, parameter.help);
    if (command.name == "setup") help += answers_help();
    return help;
}

} // namespace postern::control

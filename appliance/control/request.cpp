#include "control/request.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string.h>

#include <algorithm>
#include <format>
#include <optional>

namespace postern::control {

namespace {

using enum ParameterKind;

std::optional<std::vector<std::string>> read_words(json::value const& given) {
    json::array const* array = given.if_array();
    if (array == nullptr || array->empty()) return std::nullopt;
    std::vector<std::string> words;
    for (json::value const& word : *array) {
        if (!word.is_string()) return std::nullopt;
        words.emplace_back(word.get_string());
    }
    return words;
}

// A parameter's value, or what it ought to be.
std::expected<Arguments::Value, std::string_view> read_value(ParameterKind kind, json::value& given) {
    switch (kind) {
    case word:
    case option:
    case upload:
        if (given.is_string()) return std::string(given.get_string());
        return std::unexpected("a string");
    case words:
    case more_words:
        if (auto several = read_words(given)) return std::move(*several);
        return std::unexpected("an array of strings");
    case flag:
        if (given.is_bool() && given.get_bool()) return true;
        return std::unexpected("true, or left out");
    case file: return std::unexpected("not for the daemon");
    case secret:
    case known_secret:
    case secret_upload: {
        if (!given.is_string()) return std::unexpected("a string");
        json::string& octets = given.get_string();
        core::Secret kept{std::string_view(octets)};
        explicit_bzero(octets.data(), octets.size());
        return kept;
    }
    }
    return std::unexpected("");
}

bool may_be_left_out(ParameterKind kind) {
    return kind == flag || kind == option || kind == upload || kind == secret_upload || kind == file ||
           kind == more_words;
}

} // namespace

std::expected<Request, std::string> parse_request(std::string_view line) {
    boost::system::error_code error;
    json::value parsed = json::parse(line, error);
    json::object* request = error ? nullptr : parsed.if_object();
    if (request == nullptr) return std::unexpected("a request is one JSON object on a line");
    json::value const* name = request->if_contains("command");
    if (name == nullptr || !name->is_string()) return std::unexpected("the request names no command");
    Command const* command = find_command(name->get_string());
    if (command == nullptr) command = find_inner_command(name->get_string());
    if (command == nullptr || command->action == nullptr)
        return std::unexpected(std::format("there is no command {}", std::string_view(name->get_string())));

    json::object none;
    json::value* given = request->if_contains("arguments");
    json::object* arguments = given == nullptr ? &none : given->if_object();
    if (arguments == nullptr) return std::unexpected("arguments is a JSON object");
    for (auto const& argument : *arguments)
        if (!std::ranges::contains(command->parameters, std::string_view(argument.key()), &Parameter::name))
            return std::unexpected(std::format("{} takes no {}", command->name, std::string_view(argument.key())));

    Request result{command, {}};
    for (Parameter const& parameter : command->parameters) {
        json::value* value = arguments->if_contains(parameter.name);
        if (value == nullptr) {
            if (may_be_left_out(parameter.kind)) continue;
            return std::unexpected(std::format("{} wants its {}", command->name, parameter.name));
        }
        auto read = read_value(parameter.kind, *value);
        if (!read) return std::unexpected(std::format("{} is {}", parameter.name, read.error()));
        result.arguments.put(parameter.name, std::move(*read));
    }
    return result;
}

std::string write_request(Command const& command, json::object const& arguments) {
    return json::serialize(json::object{{"command", command.name}, {"arguments", arguments}}) + "\n";
}

std::string write_reply(Answer const& answer) {
    json::object reply{{"ok", answer.has_value()}};
    if (!answer) reply["reason"] = answer.error().reason;
    json::value const& result = answer ? *answer : answer.error().result;
    if (!result.is_null()) reply["result"] = result;
    return json::serialize(reply) + "\n";
}

std::string announce_octets(std::size_t count) { return std::format("{{\"octets\":{}}}\n", count); }

std::optional<std::size_t> announced_octets(std::string_view line) {
    boost::system::error_code error;
    json::value const parsed = json::parse(line, error);
    json::object const* object = error ? nullptr : parsed.if_object();
    json::value const* count = object == nullptr ? nullptr : object->if_contains("octets");
    if (count == nullptr || object->size() != 1 || !count->is_int64() || count->get_int64() < 0) return std::nullopt;
    auto const octets = static_cast<std::size_t>(count->get_int64());
    return octets > octets_limit ? std::nullopt : std::optional(octets);
}

Answer parse_reply(std::string_view line) {
    boost::system::error_code error;
    json::value parsed = json::parse(line, error);
    json::object* reply = error ? nullptr : parsed.if_object();
    json::value const* ok = reply == nullptr ? nullptr : reply->if_contains("ok");
    if (ok == nullptr || !ok->is_bool()) return refused("the daemon's answer cannot be read; are both of one version?");
    json::value* result = reply->if_contains("result");
    json::value shown = result == nullptr ? json::value() : std::move(*result);
    if (ok->get_bool()) return shown;
    json::value const* reason = reply->if_contains("reason");
    return std::unexpected(Refusal{reason != nullptr && reason->is_string() ? std::string(reason->get_string())
                                                                            : std::string("no reason was given"),
                                   std::move(shown)});
}

} // namespace postern::control

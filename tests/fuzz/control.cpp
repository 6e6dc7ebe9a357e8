// The control socket's two ends: a line that anybody in the daemon's group may write, and what an administrator types.
// Properties: what is understood is complete, and a request that we write is read; so are a name and rights.
#include "control/command_line.h"
#include "control/print.h"
#include "control/request.h"
#include "control/rights_words.h"
#include "control/shared_name.h"
#include "control/trace_words.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void check_complete(control::Command const& command, control::Arguments const& arguments) {
    using enum control::ParameterKind;
    for (auto const& [name, kind, help] : command.parameters) {
        bool const given = arguments.has(name);
        if (kind == file) require(!given); // the command line's own affair
        if (kind == word || kind == words || kind == secret || kind == known_secret) require(given);
    }
}

void check_shared(std::string_view input, std::vector<std::string> const& words) {
    if (auto const name = control::read_shared_name(input)) {
        require(control::is_shared_name(name->whole) && !name->name.empty());
        auto const again = control::read_shared_name(name->whole);
        require(again && again->whole == name->whole && again->name == name->name);
    }
    for (auto const change : {control::RightsChange::give, control::RightsChange::take})
        if (auto const rights = control::read_rights(words, change))
            require(control::read_rights(control::rights_in_words(*rights), control::RightsChange::give)
                        .value()
                        .has_all(*rights));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    if (auto const request = control::parse_request(input)) check_complete(*request->command, request->arguments);
    if (auto const reply = control::parse_reply(input))
        for (char const octet : control::print(*reply) + control::print_trace(*reply))
            require(octet == '\n' || static_cast<unsigned char>(octet) >= ' ');

    std::vector<std::string> words(1);
    for (char const octet : input) {
        if (octet == ' ')
            words.emplace_back();
        else
            words.back() += octet;
    }
    check_shared(input, words);
    auto line = control::parse_command_line(words);
    if (!line || line->help) return 0;
    for (control::Parameter const& parameter : line->command->parameters)
        if (parameter.kind == control::ParameterKind::secret) line->arguments[parameter.name] = "secret";
    auto const request = control::parse_request(control::write_request(*line->command, line->arguments));
    if (request) check_complete(*request->command, request->arguments);
    return 0;
}

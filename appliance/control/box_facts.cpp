#include "control/box_facts.h"

#include "core/read_start.h"
#include "core/settings.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <cstdint>

namespace postern::control {

namespace {

constexpr std::string_view facts_file = "box";

// Whether it is such a value.
bool take(BoxFacts& facts, std::string_view name, std::string_view value) {
    bool const yes = value == "yes";
    bool const answers = yes || value == "no";
    if (name == "version") {
        facts.version = value;
    } else if (name == "slot") {
        facts.slot = value;
        return value == "A" || value == "B";
    } else if (name == "left") {
        facts.left = value;
    } else if (name == "wear") {
        auto const used = core::parse_count(value);
        if (!used) return false;
        facts.wear = static_cast<unsigned>(std::min<std::uint64_t>(*used, 100)); // eMMC says 110 of what is beyond
    } else if (name == "encrypted") {
        facts.encrypted = yes;
        return answers;
    } else if (name == "tpm2") {
        facts.tpm2 = yes;
        return answers;
    }
    return true;
}

} // namespace

std::optional<BoxFacts> parse_box_facts(std::string_view text) {
    if (text.size() > box_facts_limit || !text::is_utf8(text)) return std::nullopt;
    BoxFacts facts;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        auto const equals = line.find('=');
        if (equals == std::string_view::npos || std::ranges::any_of(line, text::is_control) ||
            !take(facts, line.substr(0, equals), line.substr(equals + 1)))
            return std::nullopt;
    }
    return facts;
}

std::optional<BoxFacts> read_box_facts(std::filesystem::path const& directory) {
    auto const path = directory / facts_file;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt; // what else there is may never end
    auto const text = core::read_start(path, box_facts_limit + 1);
    return text ? parse_box_facts(*text) : std::nullopt;
}

json::object box_status(BoxFacts const& facts) {
    json::object status;
    if (!facts.version.empty()) status["version"] = facts.version;
    if (!facts.slot.empty()) status["slot"] = facts.slot;
    if (!facts.left.empty()) status["left"] = facts.left;
    if (facts.wear) status["wear"] = *facts.wear;
    if (facts.encrypted) status["encrypted"] = *facts.encrypted;
    if (facts.tpm2) status["tpm2"] = facts.tpm2;
    return status;
}

} // namespace postern::control

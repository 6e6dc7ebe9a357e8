#include "transcript.h"

#include <charconv>
#include <format>
#include <fstream>
#include <optional>

namespace postern::test {

namespace {

// {x*1000} becomes a thousand x.
std::string repeat_characters(std::string_view text) {
    std::string expanded;
    while (!text.empty()) {
        auto const close = text.find('}');
        if (text.size() > 4 && text[0] == '{' && text[2] == '*' && close != std::string_view::npos && close > 3) {
            std::size_t count = 0;
            auto const [end, error] = std::from_chars(text.data() + 3, text.data() + close, count);
            if (error == std::errc{} && end == text.data() + close) {
                expanded.append(count, text[1]);
                text.remove_prefix(close + 1);
                continue;
            }
        }
        expanded += text.front();
        text.remove_prefix(1);
    }
    return expanded;
}

std::optional<std::string> unescape(std::string_view text) {
    std::string octets;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            octets += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        switch (text[i]) {
        case 'r': octets += '\r'; break;
        case 'n': octets += '\n'; break;
        case 't': octets += '\t'; break;
        case '0': octets += '\0'; break;
        case '\\': octets += '\\'; break;
        case 'x': {
            unsigned value = 0;
            if (i + 2 >= text.size()) return std::nullopt;
            auto const [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
            if (error != std::errc{} || end != text.data() + i + 3) return std::nullopt;
            octets += static_cast<char>(value);
            i += 2;
            break;
        }
        default: return std::nullopt;
        }
    }
    return octets;
}

std::optional<Turn> read_turn(std::string_view line, std::size_t number) {
    if (line.size() < 2 || (line[0] != 'C' && line[0] != 'S')) return std::nullopt;
    Turn turn{line[0] == 'C' ? Turn::Who::client : Turn::Who::server, 0, {}, false, number};
    line.remove_prefix(1);
    if (line[0] >= '2' && line[0] <= '9') {
        turn.connection = static_cast<std::size_t>(line[0] - '1');
        line.remove_prefix(1);
    }
    if (line.empty() || (line[0] != ':' && line[0] != '>')) return std::nullopt;
    bool const raw = line[0] == '>';
    line.remove_prefix(1);
    if (!line.empty() && line[0] == ' ') line.remove_prefix(1);

    if (turn.who == Turn::Who::server) {
        if (raw) return std::nullopt;
        turn.closes = line == "[closed]";
        turn.octets = repeat_characters(line);
    } else if (raw) {
        auto octets = unescape(repeat_characters(line));
        if (!octets) return std::nullopt;
        turn.octets = std::move(*octets);
    } else {
        turn.octets = repeat_characters(line) + "\r\n";
    }
    return turn;
}

} // namespace

std::expected<Transcript, std::string> read_transcript(std::filesystem::path const& path) {
    Transcript transcript;
    transcript.path = path;
    std::ifstream file(path, std::ios::binary);
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with("set ")) {
            auto const gap = line.find(' ', 4);
            if (gap == std::string::npos || !transcript.turns.empty())
                return std::unexpected(std::format("{}:{}: set NAME VALUE, before the first turn", path.string(), number));
            transcript.settings.emplace_back(line.substr(4, gap - 4), line.substr(gap + 1));
            continue;
        }
        if (line.starts_with("alias ")) {
            auto const gap = line.find(" Shared/");
            if (gap == std::string::npos || !transcript.turns.empty())
                return std::unexpected(
                    std::format("{}:{}: alias ADDRESS Shared/NAME, before the first turn", path.string(), number));
            transcript.aliases.emplace_back(line.substr(6, gap - 6), line.substr(gap + 8));
            continue;
        }
        if (line.starts_with("node ")) {
            if (!transcript.turns.empty())
                return std::unexpected(std::format("{}:{}: node DOMAIN, before the first turn", path.string(), number));
            transcript.nodes.push_back(line.substr(5));
            continue;
        }
        if (line.starts_with("client ") && line.size() > 9 && line[7] >= '1' && line[7] <= '9' && line[8] == ' ') {
            transcript.services[static_cast<std::size_t>(line[7] - '1')] = line.substr(9);
            continue;
        }
        auto turn = read_turn(line, number);
        if (!turn) return std::unexpected(std::format("{}:{}: not a turn: {}", path.string(), number, line));
        transcript.turns.push_back(std::move(*turn));
    }
    if (transcript.turns.empty()) return std::unexpected(path.string() + ": says nothing");
    return transcript;
}

bool matches(std::string_view expected, std::string_view line) {
    constexpr std::string_view any = "{*}";
    auto const wildcard = expected.find(any);
    if (wildcard == std::string_view::npos) return expected == line;
    if (!line.starts_with(expected.substr(0, wildcard))) return false;
    std::string_view const rest = expected.substr(wildcard + any.size());
    for (std::size_t from = wildcard; from <= line.size(); ++from)
        if (matches(rest, line.substr(from))) return true;
    return false;
}

} // namespace postern::test

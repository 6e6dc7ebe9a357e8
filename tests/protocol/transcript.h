// A transcript file as a list of what each side says; tests/protocol/README.md describes the format.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::test {

struct Turn {
    enum class Who { client, server } who;
    std::size_t connection;   // 0 for the first client
    std::string octets;       // client: what it sends; server: the expected line without CR LF, with wildcards
    bool closes = false;      // server: [closed]
    std::size_t line;         // in the file
};

struct Transcript {
    std::filesystem::path path;
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<std::pair<std::string, std::string>> aliases; // to a mailbox of the office each
    std::vector<std::string> nodes; // for which mail waits (ETRN)
    std::map<std::size_t, std::string> services; // by connection, where it is not that of the folder
    std::vector<Turn> turns;
};

// The error says which line is wrong.
std::expected<Transcript, std::string> read_transcript(std::filesystem::path const& path);

// Whether a line that the server said is the one expected: {*} matches any run of characters.
bool matches(std::string_view expected, std::string_view line);

} // namespace postern::test

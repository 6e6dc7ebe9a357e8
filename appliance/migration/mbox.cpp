#include "migration/mbox.h"

#include "backup/file.h"
#include "core/crc32c.h"
#include "migration/files.h"
#include "text/ascii.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <fstream>
#include <sstream>

namespace postern::migration {

namespace fs = std::filesystem;
using core::SystemFlag;

namespace {

using Why = std::unexpected<std::string>;

struct Sign {
    char letter;
    SystemFlag flag;
};
constexpr Sign of_status[] = {{'R', SystemFlag::seen}};
constexpr Sign of_x_status[] = {
    {'A', SystemFlag::answered}, {'F', SystemFlag::flagged}, {'T', SystemFlag::draft}, {'D', SystemFlag::deleted}};

std::string_view take_line(std::string_view& in) {
    auto const line = in.substr(0, std::min(in.find('\n'), in.size() - 1) + 1);
    in.remove_prefix(line.size());
    return line;
}

// Whether, with all ">" before it, it would begin a message.
bool is_from_line(std::string_view line) {
    return line.substr(std::min(line.find_first_not_of('>'), line.size())).starts_with("From ");
}

std::string_view without_end(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// Nothing: it is none of those that say of a message's state.
enum class Field : std::uint8_t { status, x_status, x_keywords };
std::optional<Field> field_of(std::string_view line) {
    if (text::istarts_with(line, "status:")) return Field::status;
    if (text::istarts_with(line, "x-status:")) return Field::x_status;
    if (text::istarts_with(line, "x-keywords:")) return Field::x_keywords;
    return std::nullopt;
}

template <std::size_t N> void add(LetterHead& head, Sign const (&signs)[N], std::string_view value) {
    for (auto const& [letter, flag] : signs)
        if (value.contains(letter)) head.flags = head.flags | flag;
}

// "alice@office.lan Mon Jan  5 10:00:00 2026", as asctime(3) has it; some have a time zone or no seconds.
std::optional<core::WallTime> date_of(std::string_view from) {
    auto const day = from.find(' ');
    if (day == from.npos) return std::nullopt;
    for (auto const* format : {"%a %b %e %H:%M:%S %Y", "%a %b %e %H:%M %Y"}) {
        std::istringstream in{std::string(from.substr(day + 1))};
        core::WallTime date;
        if (in >> std::ws >> std::chrono::parse(format, date)) return date;
    }
    return std::nullopt;
}

} // namespace

std::string to_mbox(Letter const& letter) {
    auto const& head = letter.head;
    std::string out = std::format("From MAILER-DAEMON {:%a %b %e %H:%M:%S %Y}\n", head.date);
    std::string state = std::format("Status: {}O\n", head.flags.has(SystemFlag::seen) ? "R" : "");
    std::string signs;
    for (auto const& [sign, flag] : of_x_status)
        if (head.flags.has(flag)) signs += sign;
    if (!signs.empty()) state += std::format("X-Status: {}\n", signs);
    if (!head.keywords.empty()) {
        state += "X-Keywords:";
        for (std::string const& keyword : head.keywords) state += " " + keyword;
        state += '\n';
    }
    std::string const lines = with_lf(letter.text);
    bool in_header = true, dropped = false;
    for (std::string_view in = lines; !in.empty();) {
        auto const line = take_line(in);
        if (in_header && without_end(line).empty()) {
            in_header = false;
            out += state;
        } else if (in_header) {
            // What a message says of itself there is not believed by anybody: it would be taken for ours.
            bool const goes_on = line.front() == ' ' || line.front() == '\t';
            dropped = goes_on ? dropped : field_of(line).has_value();
            if (dropped) continue;
        }
        if (is_from_line(line)) out += '>';
        out += line;
    }
    if (in_header) out += (out.ends_with('\n') ? "" : "\n") + state;
    if (!out.ends_with('\n')) out += '\n';
    return out + '\n';
}

Letter from_mbox(std::string_view from, std::string_view lines, core::WallTime otherwise) {
    Letter letter;
    letter.head.date = date_of(from).value_or(otherwise);
    std::string plain;
    bool in_header = true, dropped = false;
    for (std::string_view in = lines; !in.empty();) {
        auto line = take_line(in);
        if (in_header && without_end(line).empty()) in_header = false;
        if (in_header) {
            bool const goes_on = line.front() == ' ' || line.front() == '\t';
            auto const field = goes_on ? std::nullopt : field_of(line);
            dropped = goes_on ? dropped : field.has_value();
            auto const value = without_end(line.substr(std::min(line.find(':') + 1, line.size())));
            if (field == Field::status) add(letter.head, of_status, value);
            if (field == Field::x_status) add(letter.head, of_x_status, value);
            if (field == Field::x_keywords) {
                std::istringstream words{std::string(value)};
                for (std::string word; words >> word;)
                    if (is_keyword(word)) letter.head.keywords.push_back(word);
            }
            if (dropped) continue;
        }
        if (line.starts_with('>') && is_from_line(line)) line.remove_prefix(1);
        plain += line;
    }
    letter.text = with_crlf(plain);
    letter.head.size = letter.text.size();
    letter.head.sum = core::crc32c(letter.text);
    return letter;
}

struct MboxWriter::Out {
    backup::NewFile file;
};

MboxWriter::MboxWriter(std::unique_ptr<Out> out) : out_(std::move(out)) {}
MboxWriter::MboxWriter(MboxWriter&&) noexcept = default;
MboxWriter::~MboxWriter() = default;

std::expected<MboxWriter, std::string> MboxWriter::make(fs::path const& file) {
    auto made = backup::NewFile::make(file);
    if (!made) return Why(std::move(made.error()));
    return MboxWriter(std::make_unique<Out>(std::move(*made)));
}

std::expected<void, std::string> MboxWriter::put(Letter const& letter) { return out_->file.write(to_mbox(letter)); }

std::expected<void, std::string> MboxWriter::end() {
    return out_->file.sync().and_then([this] { return out_->file.keep(); });
}

std::expected<void, std::string> read_mbox(fs::path const& file, TakeLetter const& take) {
    auto const otherwise = time_of(file);
    if (!otherwise) return Why(otherwise.error());
    std::ifstream in(file, std::ios::binary);
    std::string from, lines;
    bool begun = false, after_empty = true;
    auto const give = [&]() -> std::expected<void, std::string> {
        if (!begun) return {};
        if (lines.ends_with("\n\n"))
            lines.pop_back(); // the empty line before the next one
        else if (lines.ends_with("\n\r\n"))
            lines.resize(lines.size() - 2);
        return take(from_mbox(from, std::exchange(lines, {}), *otherwise));
    };
    for (std::string line; std::getline(in, line);) {
        if (after_empty && line.starts_with("From ")) {
            if (auto const given = give(); !given) return given;
            from = without_end(line).substr(5);
            begun = true;
            after_empty = false;
            continue;
        }
        if (!begun && !without_end(line).empty()) return Why(std::format("{} is no mbox file", file.native()));
        after_empty = without_end(line).empty();
        lines += line;
        if (!in.eof()) lines += '\n';
        if (lines.size() > longest_letter) return Why(std::format("{}: a message in it is too large", file.native()));
    }
    if (in.bad() || !in.eof()) return Why(std::format("cannot read {}", file.native()));
    return give();
}

} // namespace postern::migration

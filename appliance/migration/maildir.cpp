#include "migration/maildir.h"

#include "core/crc32c.h"
#include "migration/files.h"
#include "text/utf7.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace postern::migration {

namespace fs = std::filesystem;
using core::SystemFlag;

namespace {

using Why = std::unexpected<std::string>;

constexpr std::size_t most_keyword_letters = 26;
// By letter, as they stand in a name.
constexpr std::pair<char, SystemFlag> flag_letters[] = {{'D', SystemFlag::draft},
                                                        {'F', SystemFlag::flagged},
                                                        {'R', SystemFlag::answered},
                                                        {'S', SystemFlag::seen},
                                                        {'T', SystemFlag::deleted}};

fs::path place_of(fs::path const& root, std::string_view name) {
    return name == "INBOX" ? root : root / ("." + maildir_name(name));
}

// What lies in the directory of one mailbox.
std::map<char, std::string> read_keywords(fs::path const& box) {
    std::map<char, std::string> keywords;
    auto const text = read_file(box / "dovecot-keywords", 64 * 1024);
    std::istringstream lines(text.value_or(""));
    unsigned number = 0;
    for (std::string name; lines >> number >> name;)
        if (number < most_keyword_letters) keywords[static_cast<char>('a' + number)] = name;
    return keywords;
}

LetterHead head_of(std::string_view name, std::map<char, std::string> const& keywords) {
    LetterHead head;
    auto const info = name.find(":2,");
    if (info == name.npos) return head;
    for (char const letter : name.substr(info + 3)) {
        auto const* flag = std::ranges::find(flag_letters, letter, &std::pair<char, SystemFlag>::first);
        if (flag != std::end(flag_letters)) head.flags = head.flags | flag->second;
        auto const keyword = keywords.find(letter);
        if (keyword != keywords.end() && is_keyword(keyword->second)) head.keywords.push_back(keyword->second);
    }
    return head;
}

} // namespace

std::string maildir_name(std::string_view name) {
    std::string plain(name);
    std::ranges::replace(plain, '.', '_');
    std::string encoded;
    for (std::size_t at = 0; at <= plain.size();) {
        auto const end = std::min(plain.find('/', at), plain.size());
        if (at > 0) encoded += '.';
        encoded += text::utf7_encode(std::string_view(plain).substr(at, end - at));
        at = end + 1;
    }
    return encoded;
}

std::expected<MaildirWriter, std::string> MaildirWriter::make(fs::path root) {
    if (auto const made = make_empty_directory(root); !made) return Why(made.error());
    return MaildirWriter(std::move(root));
}

std::expected<std::string, std::string> MaildirWriter::begin(std::string_view name) {
    box_ = place_of(root_, name);
    keywords_.clear();
    std::error_code error;
    if (box_ != root_ && fs::exists(box_, error))
        return Why(std::format("two mailboxes would be called {} there; rename one first", box_.filename().native()));
    for (auto const* part : {"cur", "new", "tmp"}) fs::create_directories(box_ / part, error);
    if (error) return Why(std::format("cannot make {}: {}", box_.native(), error.message()));
    if (box_ == root_) return "INBOX";
    if (auto const written = write_file(box_ / "maildirfolder", "", {}); !written) return Why(written.error());
    return maildir_name(name);
}

std::expected<void, std::string> MaildirWriter::put(Letter const& letter) {
    std::string flags;
    for (auto const& [sign, flag] : flag_letters)
        if (letter.head.flags.has(flag)) flags += sign;
    std::string signs;
    for (std::string const& keyword : letter.head.keywords) {
        auto at = static_cast<std::size_t>(std::ranges::find(keywords_, keyword) - keywords_.begin());
        if (at == most_keyword_letters) {
            ++keywords_lost_;
            continue;
        }
        if (at == keywords_.size()) keywords_.push_back(keyword);
        signs += static_cast<char>('a' + at);
    }
    std::ranges::sort(signs);
    std::string const text = with_lf(letter.text);
    // Unique by its number here; S and W are its octets as a file and as a message.
    auto const name =
        std::format("{}.P{}.postern,S={}{}:2,{}{}", letter.head.date.time_since_epoch().count(), ++number_, text.size(),
                    with_crlf(text) == letter.text ? std::format(",W={}", letter.text.size()) : "", flags, signs);
    return write_file(box_ / "cur" / name, text, letter.head.date);
}

std::expected<void, std::string> MaildirWriter::end() {
    std::string rows;
    for (std::size_t i = 0; i < keywords_.size(); ++i) rows += std::format("{} {}\n", i, keywords_[i]);
    if (!rows.empty())
        if (auto const written = write_file(box_ / "dovecot-keywords", rows, {}); !written) return written;
    return sync_file_system(box_);
}

std::expected<void, std::string> MaildirWriter::subscribe(std::vector<std::string> const& names) {
    std::string rows;
    for (std::string const& name : names) rows += (name == "INBOX" ? name : maildir_name(name)) + "\n";
    if (auto const written = write_file(root_ / "subscriptions", rows, {}); !written) return written;
    return sync_file_system(root_);
}

bool is_maildir(fs::path const& path) {
    std::error_code error;
    return fs::is_directory(path / "cur", error);
}

std::vector<std::string> list_maildir(fs::path const& root) {
    std::vector<std::string> names;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(root, error)) {
        auto const directory = entry.path().filename().native();
        if (directory.size() < 2 || directory[0] != '.' || !is_maildir(entry.path())) continue;
        std::string name;
        bool good = true;
        for (std::size_t at = 1; at <= directory.size();) {
            auto const end = std::min(directory.find('.', at), directory.size());
            auto const level = directory.substr(at, end - at);
            auto const decoded = text::utf7_decode(level); // or UTF-8, as some keep it
            good = good && !level.empty();
            name += (at > 1 ? "/" : "") + decoded.value_or(level);
            at = end + 1;
        }
        if (good) names.push_back(name);
    }
    std::ranges::sort(names);
    names.insert(names.begin(), "INBOX");
    return names;
}

std::expected<void, std::string> read_maildir(fs::path const& root, std::string_view name, TakeLetter const& take) {
    // By name as it was listed, or as it would be made.
    fs::path box = place_of(root, name);
    std::error_code error;
    if (!fs::exists(box, error)) {
        std::string levels(name);
        std::ranges::replace(levels, '/', '.');
        box = root / ("." + levels);
    }
    auto const keywords = read_keywords(box);
    struct Found {
        std::int64_t came;
        fs::path path;
    };
    std::vector<Found> found;
    for (auto const* part : {"cur", "new"})
        for (auto const& entry : fs::directory_iterator(box / part, error)) {
            auto const file = entry.path().filename().native();
            if (file.starts_with('.') || !entry.is_regular_file(error)) continue;
            std::int64_t came = 0;
            std::from_chars(file.data(), file.data() + file.size(), came);
            found.push_back({came, entry.path()});
        }
    std::ranges::sort(found, [](Found const& left, Found const& right) {
        return std::tie(left.came, left.path) < std::tie(right.came, right.path);
    });
    for (Found const& one : found) {
        auto const octets = read_file(one.path, longest_letter);
        auto const date = time_of(one.path);
        if (!octets || !date) return Why(octets ? date.error() : octets.error());
        Letter letter{head_of(one.path.filename().native(), keywords), with_crlf(*octets)};
        letter.head.date = *date;
        letter.head.size = letter.text.size();
        letter.head.sum = core::crc32c(letter.text);
        if (auto const taken = take(std::move(letter)); !taken) return taken;
    }
    return {};
}

std::string with_lf(std::string_view text) {
    std::string lines;
    lines.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        bool const cr = text[at] == '\r', lf = at + 1 < text.size() && text[at + 1] == '\n';
        if (cr != lf) return std::string(text);
        if (!cr) lines += text[at];
        if (cr) lines += text[++at];
    }
    if (text.starts_with('\n')) return std::string(text);
    return lines;
}

std::string with_crlf(std::string_view text) {
    std::string lines;
    lines.reserve(text.size() + text.size() / 32);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) lines += '\r';
        lines += text[at];
    }
    return lines;
}

} // namespace postern::migration

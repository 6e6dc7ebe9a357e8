#include "wire/imap_response.h"

#include "text/ascii.h"
#include "text/utf7.h"
#include "wire/imap_object_id.h"
#include "wire/imap_syntax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <format>
#include <iterator>

namespace postern::wire::imap {

namespace {

// Longer strings go as literals: clients bound their lines.
constexpr std::size_t quoted_limit = 1000;

// Lines that can be cut are cut after this many octets (RFC 7162 §4).
constexpr std::size_t line_limit = 8000;

constexpr std::string_view line_end = "\r\n";

std::string_view name(Condition condition) {
    switch (condition) {
    case Condition::ok: return "OK";
    case Condition::no: return "NO";
    case Condition::bad: return "BAD";
    case Condition::preauth: return "PREAUTH";
    case Condition::bye: return "BYE";
    }
    return {};
}

std::string_view name(StatusItem item) {
    switch (item) {
    case StatusItem::messages: return "MESSAGES";
    case StatusItem::recent: return "RECENT";
    case StatusItem::uid_next: return "UIDNEXT";
    case StatusItem::uid_validity: return "UIDVALIDITY";
    case StatusItem::unseen: return "UNSEEN";
    case StatusItem::highest_modseq: return "HIGHESTMODSEQ";
    case StatusItem::size: return "SIZE";
    case StatusItem::deleted: return "DELETED";
    case StatusItem::mailbox_id: return "MAILBOXID";
    case StatusItem::append_limit: return "APPENDLIMIT";
    case StatusItem::deleted_storage: return "DELETED-STORAGE";
    }
    return {};
}

// RFC 3501 §9 text: no line ends, no 8-bit octets.
void put_text(std::string& out, std::string_view text) {
    for (char const c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : text::is_ascii(c) ? c : '?';
    out += line_end;
}

// What keeps octets from standing between quotes as they are, as bits.
constexpr std::uint8_t is_escaped = 1, is_unquotable = 2;
constexpr auto octet_classes = [] {
    std::array<std::uint8_t, 256> classes{};
    for (std::size_t octet = 128; octet < classes.size(); ++octet) classes[octet] = is_unquotable;
    for (unsigned char const octet : {'\r', '\n', '\0'}) classes[octet] = is_unquotable;
    for (unsigned char const octet : {'"', '\\'}) classes[octet] = is_escaped;
    return classes;
}();

std::uint8_t classify(std::string_view octets) {
    std::uint8_t found = 0;
    for (char const c : octets) found |= octet_classes[static_cast<unsigned char>(c)];
    return found;
}

// `found`: what classify said of them.
void put_quoted(std::string& out, std::string_view octets, std::uint8_t found) {
    out += '"';
    if ((found & is_escaped) == 0) {
        out += octets;
    } else {
        for (char const c : octets) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    out += '"';
}

void put_quoted(std::string& out, std::string_view octets) { put_quoted(out, octets, classify(octets)); }

// The last digits of a number, zeros in front.
void put_digits(std::string& out, std::uint64_t number, unsigned digits) {
    std::size_t const begin = out.size();
    out.append(digits, '0');
    for (std::size_t at = out.size(); at > begin; number /= 10) out[--at] = static_cast<char>('0' + number % 10);
}

void put_each(std::string& out, std::span<std::string_view const> words) {
    for (std::string_view const word : words) out.append(" ").append(word);
}

// Ascending numbers as a sequence-set.
void put_set(std::string& out, std::span<std::uint32_t const> numbers) {
    for (std::size_t begin = 0; begin < numbers.size();) {
        std::size_t last = begin;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        if (begin > 0) out += ',';
        put_number(out, numbers[begin]);
        if (last > begin) {
            out += ':';
            put_number(out, numbers[last]);
        }
        begin = last + 1;
    }
}

// RFC 3501 §7.2.5 and RFC 5256 §4
void put_found(std::string& out, std::string_view name, std::span<std::uint32_t const> found,
               std::optional<core::ModSeq> modseq) {
    out.append("* ").append(name);
    for (std::uint32_t const number : found) {
        out += ' ';
        put_number(out, number);
    }
    if (modseq && !found.empty()) std::format_to(std::back_inserter(out), " (MODSEQ {})", core::number(*modseq));
    out += line_end;
}

// RFC 4466 §2.6.2 and RFC 7377 §4: search-correlator
void begin_esearch(std::string& out, SearchCorrelator const& correlator, bool uid) {
    out += "* ESEARCH (TAG ";
    put_quoted(out, correlator.tag);
    if (correlator.mailbox) {
        out += " MAILBOX ";
        put_mailbox(out, correlator.mailbox->name, correlator.utf8);
        out += " UIDVALIDITY ";
        put_number(out, core::number(correlator.mailbox->uid_validity));
    }
    out.append(uid ? ") UID" : ")");
}

void put_updates(std::string& out, std::string_view name, std::span<ResultUpdate const> updates) {
    if (updates.empty()) return;
    out.append(" ").append(name);
    char before = '(';
    out += ' ';
    for (ResultUpdate const& update : updates) {
        out += before;
        put_number(out, update.position);
        out += ' ';
        put_set(out, update.numbers);
        before = ' ';
    }
    out += ')';
}

void put_flag_names(std::string& out, core::SystemFlags system, std::span<std::string const> keywords, bool recent,
                    bool wildcard) {
    using enum core::SystemFlag;
    static constexpr std::array<std::pair<core::SystemFlag, std::string_view>, 5> names{{{answered, "\\Answered"},
                                                                                         {flagged, "\\Flagged"},
                                                                                         {deleted, "\\Deleted"},
                                                                                         {seen, "\\Seen"},
                                                                                         {draft, "\\Draft"}}};
    std::string_view between;
    auto const put = [&](std::string_view flag) {
        out.append(between).append(flag);
        between = " ";
    };
    out += '(';
    for (auto const& [flag, text] : names)
        if (system.has(flag)) put(text);
    if (recent) put("\\Recent");
    for (std::string const& keyword : keywords) put(keyword);
    if (wildcard) put("\\*");
    out += ')';
}

void put_count(std::string& out, std::uint32_t number, std::string_view what) {
    out += "* ";
    put_number(out, number);
    out.append(" ").append(what).append(line_end);
}

} // namespace

void put_tagged(std::string& out, std::string_view tag, Condition condition, std::string_view text) {
    out.append(tag).append(" ").append(name(condition)).append(" ");
    put_text(out, text);
}

void put_untagged(std::string& out, Condition condition, std::string_view text) {
    put_tagged(out, "*", condition, text);
}

void put_continuation(std::string& out, std::string_view text) {
    out += "+ ";
    put_text(out, text);
}

void put_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits; // of 2^64 - 1
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void put_string(std::string& out, std::string_view octets) {
    std::uint8_t const found = octets.size() <= quoted_limit ? classify(octets) : is_unquotable;
    if ((found & is_unquotable) == 0) return put_quoted(out, octets, found);
    put_literal_size(out, octets.size());
    std::size_t const begin = out.size();
    out += octets;
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\0', '?');
}

void put_nstring(std::string& out, std::optional<std::string_view> octets) {
    if (octets)
        put_string(out, *octets);
    else
        out += "NIL";
}

void put_astring(std::string& out, std::string_view octets) {
    bool const atom = !octets.empty() && octets.size() <= quoted_limit && std::ranges::all_of(octets, is_atom_char) &&
                      !text::iequals(octets, "NIL");
    if (atom)
        out += octets;
    else
        put_string(out, octets);
}

void put_mailbox(std::string& out, std::string_view name, bool utf8) {
    if (utf8)
        put_quoted(out, name);
    else
        put_astring(out, text::utf7_encode(name));
}

void put_literal_size(std::string& out, std::uint64_t octets, bool literal8) {
    if (literal8) out += '~';
    out += '{';
    put_number(out, octets);
    out.append("}").append(line_end);
}

void put_flags(std::string& out, core::SystemFlags system, std::span<std::string const> keywords, bool recent) {
    put_flag_names(out, system, keywords, recent, false);
}

void put_internal_date(std::string& out, std::chrono::sys_seconds utc, std::chrono::minutes offset) {
    using namespace std::chrono;
    // RFC 3501 §9: date-year = 4DIGIT
    constexpr sys_seconds first = sys_days{year{0} / 1 / 1};
    constexpr sys_seconds last = sys_days{year{9999} / 12 / 31};
    sys_seconds const local = std::clamp(utc + offset, first, last);
    auto const day = floor<days>(local);
    year_month_day const date{day};
    hh_mm_ss const time{local - day};
    auto const zone = std::abs(offset.count());
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const put_two = [&out](auto number) { put_digits(out, static_cast<std::uint64_t>(number), 2); };
    auto const day_of_month = static_cast<unsigned>(date.day());
    out += day_of_month < 10 ? "\" " : "\"";
    put_number(out, day_of_month);
    out.append("-").append(months[static_cast<unsigned>(date.month()) - 1]).append("-");
    put_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
    out += ' ';
    put_two(time.hours().count());
    out += ':';
    put_two(time.minutes().count());
    out += ':';
    put_two(time.seconds().count());
    out += offset.count() < 0 ? " -" : " +";
    put_two(zone / 60);
    put_two(zone % 60);
    out += '"';
}

void put_capability(std::string& out, std::span<std::string_view const> capabilities) {
    out += "* CAPABILITY";
    put_each(out, capabilities);
    out += line_end;
}

std::string capability_code(std::span<std::string_view const> capabilities) {
    std::string out = "[CAPABILITY";
    put_each(out, capabilities);
    return out + ']';
}

void put_enabled(std::string& out, std::span<std::string_view const> capabilities) {
    out += "* ENABLED";
    put_each(out, capabilities);
    out += line_end;
}

void put_id(std::string& out, std::span<std::pair<std::string, std::string> const> parameters) {
    out += "* ID ";
    char before = '(';
    for (auto const& [field, value] : parameters) {
        out += before;
        put_string(out, field);
        out += ' ';
        put_string(out, value);
        before = ' ';
    }
    out.append(parameters.empty() ? "NIL" : ")").append(line_end);
}

void put_namespace(std::string& out, std::string_view personal, std::string_view other_users, std::string_view shared) {
    out += "* NAMESPACE";
    for (std::string_view const prefix : {personal, other_users, shared}) {
        out += " ((";
        put_quoted(out, prefix);
        out += " \"/\"))";
    }
    out += line_end;
}

void put_exists(std::string& out, std::uint32_t count) { put_count(out, count, "EXISTS"); }
void put_recent(std::string& out, std::uint32_t count) { put_count(out, count, "RECENT"); }
void put_expunge(std::string& out, std::uint32_t sequence_number) { put_count(out, sequence_number, "EXPUNGE"); }

void put_vanished(std::string& out, core::UidSet const& uids, bool earlier) {
    std::size_t begin = 0;
    bool open = false;
    for (core::UidSet::Range const& range : uids.ranges()) {
        if (open && out.size() - begin > line_limit) {
            out += line_end;
            open = false;
        }
        if (!open) begin = out.size();
        out.append(open ? "," : earlier ? "* VANISHED (EARLIER) " : "* VANISHED ");
        open = true;
        put_number(out, range.first);
        if (range.last > range.first) {
            out += ':';
            put_number(out, range.last);
        }
    }
    if (open) out += line_end;
}

void put_flags_line(std::string& out, core::SystemFlags system, std::span<std::string const> keywords) {
    out += "* FLAGS ";
    put_flags(out, system, keywords);
    out += line_end;
}

std::string permanent_flags_code(core::SystemFlags system, std::span<std::string const> keywords, bool new_keywords) {
    std::string out = "[PERMANENTFLAGS ";
    put_flag_names(out, system, keywords, false, new_keywords);
    return out + ']';
}

void put_list(std::string& out, ListLine const& line, bool utf8) {
    out.append(line.lsub ? "* LSUB (" : line.xlist ? "* XLIST (" : "* LIST (");
    std::string_view between;
    for (std::string_view const attribute : line.attributes) {
        out.append(between).append(attribute);
        between = " ";
    }
    out += ") ";
    put_quoted(out, std::string_view(&line.delimiter, 1));
    out += ' ';
    put_mailbox(out, line.name, utf8);
    bool const renamed = !line.old_name.empty() && line.old_name != line.name;
    bool const child_info = !line.child_info.empty();
    if (child_info || renamed) out += " (";
    if (child_info) {
        out += "\"CHILDINFO\" ";
        char before = '(';
        for (std::string_view const option : line.child_info) {
            out += before;
            put_quoted(out, option);
            before = ' ';
        }
        out += ')';
    }
    if (renamed) {
        out.append(child_info ? " " : "").append("\"OLDNAME\" (");
        put_mailbox(out, line.old_name, utf8);
        out += ')';
    }
    if (child_info || renamed) out += ')';
    out += line_end;
}

void put_status(std::string& out, std::string_view mailbox, std::span<StatusValue const> values, bool utf8) {
    out += "* STATUS ";
    put_mailbox(out, mailbox, utf8);
    out += " (";
    std::string_view between;
    for (auto const& [item, value] : values) {
        out.append(between).append(name(item)).append(" ");
        if (item == StatusItem::mailbox_id)
            out.append("(").append(mailbox_id(static_cast<core::MailboxId>(value))).append(")");
        else
            put_number(out, value);
        between = " ";
    }
    out.append(")").append(line_end);
}

void put_quota(std::string& out, std::string_view root, std::span<QuotaResource const> resources) {
    out += "* QUOTA ";
    put_astring(out, root);
    out += " (";
    std::string_view between;
    for (auto const& [name, usage, limit] : resources) {
        std::format_to(std::back_inserter(out), "{}{} {} {}", between, name, usage, limit);
        between = " ";
    }
    out.append(")").append(line_end);
}

void put_quota_root(std::string& out, std::string_view mailbox, std::optional<std::string_view> root, bool utf8) {
    out += "* QUOTAROOT ";
    put_mailbox(out, mailbox, utf8);
    if (root) {
        out += ' ';
        put_astring(out, *root);
    }
    out += line_end;
}

void put_metadata(std::string& out, std::string_view mailbox, std::span<MetadataItem const> items, bool utf8) {
    out += "* METADATA ";
    put_mailbox(out, mailbox, utf8);
    std::string_view between = " (";
    for (auto const& [entry, value] : items) {
        out += between;
        put_astring(out, entry);
        out += ' ';
        if (value && value->contains('\0')) {
            put_literal_size(out, value->size(), true);
            out += *value;
        } else {
            put_nstring(out, value);
        }
        between = " ";
    }
    out.append(")").append(line_end);
}

void put_metadata_names(std::string& out, std::string_view mailbox, std::set<std::string> const& entries, bool utf8) {
    out += "* METADATA ";
    put_mailbox(out, mailbox, utf8);
    for (std::string const& entry : entries) {
        out += ' ';
        put_astring(out, entry);
    }
    out += line_end;
}

void put_search(std::string& out, std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq) {
    put_found(out, "SEARCH", found, modseq);
}

void put_sort(std::string& out, std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq) {
    put_found(out, "SORT", found, modseq);
}

void put_thread(std::string& out, std::span<message::ThreadNode const> threads) {
    out += "* THREAD";
    if (!threads.empty()) out += " (";
    std::vector<std::uint32_t> siblings; // of each parenthesis, how many are still to come
    for (message::ThreadNode const& node : threads) {
        if (node.number > 0) {
            put_number(out, node.number);
            if (node.replies > 0) out += ' ';
        }
        if (node.replies == 1) continue;
        if (node.replies > 1) {
            siblings.push_back(node.replies);
            out += '(';
            continue;
        }
        out += ')';
        while (!siblings.empty() && --siblings.back() == 0) {
            siblings.pop_back();
            out += ')';
        }
        if (&node != &threads.back()) out += '(';
    }
    out += line_end;
}

void put_esearch(std::string& out, SearchCorrelator const& correlator, bool uid, SearchReturn const& returns,
                 std::span<std::uint32_t const> found, std::optional<core::ModSeq> modseq) {
    begin_esearch(out, correlator, uid);
    // RFC 4731 §3.1: nothing found, nothing said but the count
    if (!found.empty()) {
        if (returns.min) std::format_to(std::back_inserter(out), " MIN {}", found.front());
        if (returns.max) std::format_to(std::back_inserter(out), " MAX {}", found.back());
        if (returns.all) {
            out += " ALL ";
            put_set(out, found);
        }
    }
    if (returns.partial) {
        auto const& [first, last, from_end] = *returns.partial;
        auto const sign = from_end ? "-" : "";
        std::format_to(std::back_inserter(out), " PARTIAL ({}{}:{}{} ", sign, first, sign, last);
        auto const [begin, end] = returns.partial->of(found.size());
        if (begin == end)
            out += "NIL";
        else
            put_set(out, found.subspan(begin, end - begin));
        out += ')';
    }
    if (returns.count) std::format_to(std::back_inserter(out), " COUNT {}", found.size());
    if (modseq && !found.empty()) std::format_to(std::back_inserter(out), " MODSEQ {}", core::number(*modseq));
    out += line_end;
}

void put_result_updates(std::string& out, SearchCorrelator const& correlator, bool uid,
                        std::span<ResultUpdate const> removed, std::span<ResultUpdate const> added) {
    if (removed.empty() && added.empty()) return;
    begin_esearch(out, correlator, uid);
    put_updates(out, "REMOVEFROM", removed);
    put_updates(out, "ADDTO", added);
    out += line_end;
}

std::string append_uid_code(core::UidValidity uid_validity, core::UidSet const& uids) {
    return std::format("[APPENDUID {} {}]", core::number(uid_validity), uids.to_string());
}

std::string bad_url_code(std::string_view url) {
    constexpr std::size_t shown = 4096;
    std::string code = "[BADURL \"";
    for (char const c : url.substr(0, shown))
        if (text::is_visible(c) && !std::string_view("\"\\]").contains(c))
            code += c;
        else
            std::format_to(std::back_inserter(code), "%{:02X}", static_cast<unsigned char>(c));
    return code + "\"]";
}

std::string copy_uid_code(core::UidValidity uid_validity, core::UidSet const& source, core::UidSet const& destination) {
    return std::format("[COPYUID {} {} {}]", core::number(uid_validity), source.to_string(), destination.to_string());
}

std::string in_progress_code(std::string_view tag, std::uint64_t done, std::uint64_t goal) {
    std::string out = "[INPROGRESS (";
    if (tag.contains(']'))
        out += "NIL";
    else
        put_quoted(out, tag);
    auto const put = [&out](bool known, std::uint64_t number) {
        out += ' ';
        if (known)
            put_number(out, number);
        else
            out += "NIL";
    };
    put(done > 0 || goal > 0, done);
    put(goal > done, goal);
    return out + ")]";
}

std::string no_update_code(std::string_view tag) {
    std::string out = "[NOUPDATE ";
    put_quoted(out, tag);
    return out + ']';
}

std::string highest_modseq_code(core::ModSeq modseq) { return std::format("[HIGHESTMODSEQ {}]", core::number(modseq)); }

std::string modified_code(core::UidSet const& messages) { return std::format("[MODIFIED {}]", messages.to_string()); }

} // namespace postern::wire::imap

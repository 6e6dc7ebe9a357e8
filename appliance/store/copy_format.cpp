#include "store/copy_format.h"

#include "core/crc32c.h"
#include "core/varint.h"
#include "store/schema.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace postern::store {

namespace {

constexpr std::size_t longest_varint = 10;

void put_text(std::string& out, std::string_view text, std::size_t longest) {
    if (text.size() > longest) throw std::length_error("too long for a copy of the store");
    core::put_varint(out, text.size());
    out += text;
}

// Takes the parts of a record as far as they are there.
class Parts {
public:
    explicit Parts(std::string_view octets) : in_(octets) {}

    std::uint64_t number() {
        if (short_ || wrong_) return 0;
        auto const before = in_;
        auto const value = core::take_varint(in_);
        if (!value) (before.size() < longest_varint ? short_ : wrong_) = true;
        return value.value_or(0);
    }
    std::string_view text(std::size_t longest) {
        auto const size = number();
        if (size > longest) wrong_ = true;
        return octets(wrong_ ? 0 : size);
    }
    std::string_view octets(std::size_t size) {
        if (short_ || wrong_) return {};
        if (in_.size() < size) {
            short_ = true;
            return {};
        }
        auto const taken = in_.substr(0, size);
        in_.remove_prefix(size);
        return taken;
    }

    [[nodiscard]] bool is_wrong() const { return wrong_; }
    [[nodiscard]] bool is_short() const { return short_; }
    [[nodiscard]] std::string_view rest() const { return in_; }

private:
    std::string_view in_;
    bool short_ = false, wrong_ = false;
};

} // namespace

bool is_copied_name(std::string_view name) {
    if (name.empty() || name.size() > longest_copied_name || name.front() == '/' || name.back() == '/') return false;
    if (name.find('\0') != name.npos) return false;
    for (std::size_t at = 0; at <= name.size();) {
        auto const end = std::min(name.find('/', at), name.size());
        if (end == at || name[at] == '.') return false;
        at = end + 1;
    }
    return true;
}

void CopyWriter::note(std::string_view octets) { sum_ = core::crc32c(octets, sum_); }

void CopyWriter::head(std::string& out, CopyHead const& head) {
    auto const begin = out.size();
    out += 'h';
    core::put_varint(out, head.schema);
    core::put_varint(out, static_cast<std::uint64_t>(std::max<std::int64_t>(head.made, 0)));
    put_text(out, head.domain, longest_copied_name);
    note(std::string_view(out).substr(begin));
}

void CopyWriter::file(std::string& out, CopiedFile const& file) {
    auto const begin = out.size();
    out += 'f';
    put_text(out, file.name, longest_copied_name);
    core::put_varint(out, file.mode);
    put_text(out, file.content, longest_copied_file);
    ++files_;
    note(std::string_view(out).substr(begin));
}

void CopyWriter::table(std::string& out, std::string_view name) {
    auto const begin = out.size();
    out += 't';
    put_text(out, name, longest_copied_name);
    note(std::string_view(out).substr(begin));
}

void CopyWriter::row(std::string& out, std::string_view key, std::string_view value) {
    auto const begin = out.size();
    out += 'r';
    put_text(out, key, longest_copied_key);
    put_text(out, value, longest_copied_value);
    ++rows_;
    note(std::string_view(out).substr(begin));
}

void CopyWriter::end(std::string& out) {
    std::string record = "e";
    core::put_varint(record, rows_);
    core::put_varint(record, files_);
    note(record);
    append_big_endian(record, sum_);
    out += record;
}

CopyReader::Verdict CopyReader::take(std::string_view octets) {
    std::string_view in = octets;
    if (!waiting_.empty()) {
        waiting_ += octets;
        if (waiting_.size() < wanted_) return {};
        in = waiting_;
    }
    while (!in.empty()) {
        auto const taken = take_record(in);
        if (!taken) return std::unexpected(taken.error());
        if (!*taken) break;
    }
    std::string rest(in);
    waiting_ = std::move(rest);
    return {};
}

// Whether one was there.
std::expected<bool, std::string> CopyReader::take_record(std::string_view& in) {
    auto const wrong = [](std::string_view what) { return std::unexpected(std::string(what)); };
    if (ended_) return wrong("something follows its end");
    char const kind = in.front();
    if (!begun_ && kind != 'h') return wrong("it does not begin as it should");
    Parts parts(in.substr(1));
    CopyHead head;
    CopiedFile file;
    std::string_view name, key, value, sum;
    std::uint64_t rows = 0, files = 0;
    switch (kind) {
    case 'h':
        if (begun_) return wrong("it begins twice");
        head.schema = parts.number();
        head.made = static_cast<std::int64_t>(parts.number() & 0x7fff'ffff'ffff'ffff);
        head.domain = parts.text(longest_copied_name);
        break;
    case 'f':
        name = parts.text(longest_copied_name);
        file.mode = static_cast<std::uint32_t>(parts.number() & 0777);
        value = parts.text(longest_copied_file);
        break;
    case 't': name = parts.text(longest_copied_name); break;
    case 'r':
        key = parts.text(longest_copied_key);
        value = parts.text(longest_copied_value);
        break;
    case 'e':
        rows = parts.number();
        files = parts.number();
        sum = parts.octets(4);
        break;
    default: return wrong("it has a record of no kind");
    }
    if (parts.is_wrong()) return wrong("it has a record that is too long");
    if (parts.is_short()) {
        wanted_ = in.size() + 1;
        return false;
    }
    std::string_view const record = in.substr(0, in.size() - parts.rest().size());
    sum_ = core::crc32c(record.substr(0, record.size() - sum.size()), sum_);
    in = parts.rest();

    Verdict verdict;
    switch (kind) {
    case 'h':
        begun_ = true;
        verdict = visitor_.head(head);
        break;
    case 'f':
        if (!is_copied_name(name)) return wrong("it has a file with a name that no file of ours has");
        ++files_;
        file.name = name;
        file.content = value;
        verdict = visitor_.file(file);
        break;
    case 't': table_ = name; break;
    case 'r':
        if (key.empty()) return wrong("it has a row without a key");
        ++rows_;
        verdict = visitor_.row(table_, key, value);
        break;
    default:
        if (rows != rows_ || files != files_) return wrong("rows or files are missing");
        if (sum_ != u32_at(sum, 0)) return wrong("its checksum does not hold");
        ended_ = true;
    }
    if (!verdict) return std::unexpected(std::move(verdict.error()));
    return true;
}

} // namespace postern::store

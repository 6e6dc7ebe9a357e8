// How envelopes and structures are put into octets for the store: numbers as varints, strings behind their length.
#pragma once

#include "core/varint.h"
#include "message/envelope.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

class PackedWriter {
public:
    void number(std::uint64_t n) { core::put_varint(out_, n); }
    void string(std::string_view s) {
        number(s.size());
        out_ += s;
    }
    void optional(std::optional<std::string> const& s) {
        number(s.has_value());
        if (s) string(*s);
    }
    template <typename T, typename Put> void list(std::vector<T> const& items, Put const& put) {
        number(items.size());
        for (T const& item : items) put(item);
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

// Reads what a writer wrote. On anything else failed() turns true and stays so, and what is read then is empty.
class PackedReader {
public:
    explicit PackedReader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number() {
        if (auto const n = core::take_varint(rest_)) return *n;
        fail();
        return 0;
    }
    // At most `limit`.
    std::uint64_t number(std::uint64_t limit) {
        std::uint64_t const n = number();
        if (n <= limit) return n;
        fail();
        return 0;
    }
    bool flag() { return number(1) != 0; }
    std::string string() {
        std::size_t const size = count();
        std::string s(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return s;
    }
    std::optional<std::string> optional() {
        if (!flag()) return std::nullopt;
        return string();
    }
    template <typename Get> auto list(Get const& get) {
        std::vector<decltype(get())> items;
        for (std::size_t n = count(); n > 0 && !failed_; --n) items.push_back(get());
        return items;
    }

    void fail() {
        failed_ = true;
        rest_ = {};
    }
    bool failed() const { return failed_; }
    bool at_end() const { return !failed_ && rest_.empty(); }

private:
    // A number of octets, or of items of an octet at least, all of which are there.
    std::size_t count() {
        std::uint64_t const n = number();
        if (n <= rest_.size()) return n;
        fail();
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

void put(PackedWriter& out, Envelope const& envelope);
Envelope get_envelope(PackedReader& in);

} // namespace postern::message

// How envelopes and structures are put into octets for the store: numbers as varints, strings behind their length,
// lists behind their count. They are read where they lie, and nothing is copied: FETCH reads some of every message of
// a mailbox.
#pragma once

#include "core/varint.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::message {

template <typename Item> class PackedList;

// What the strings and lists of an envelope or a structure are. Owned: as a parser makes it.
struct Owned {
    using Text = std::string;
    template <typename Item> using List = std::vector<Item>;
};
// As it lies in octets that somebody else owns, and which must outlive it.
struct Packed {
    using Text = std::string_view;
    template <typename Item> using List = PackedList<Item>;
};

class PackedWriter {
public:
    void number(std::uint64_t n) { core::put_varint(out_, n); }
    void string(std::string_view s) {
        number(s.size());
        out_ += s;
    }
    void optional(std::optional<std::string_view> s) {
        number(s.has_value());
        if (s) string(*s);
    }
    template <typename Items, typename Put> void list(Items const& items, Put const& put) {
        number(items.size());
        for (auto const& item : items) put(item);
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
    std::string_view string() {
        std::size_t const size = count();
        std::string_view const s = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return s;
    }
    std::optional<std::string_view> optional() {
        if (!flag()) return std::nullopt;
        return string();
    }
    // Items as get(PackedReader&, Item&) reads them; all are looked at, so that reading them again does not fail.
    template <typename Item> PackedList<Item> list() {
        std::size_t const size = count();
        std::string_view const from = rest_;
        for (std::size_t n = size; n > 0 && !failed_; --n) {
            Item item;
            get(*this, item);
        }
        if (failed_) return {};
        return {from.substr(0, from.size() - rest_.size()), size};
    }

    // Items within items: fails beyond `limit` of them.
    class Level {
    public:
        Level(PackedReader& in, std::size_t limit) : in_(in) {
            if (++in_.depth_ > limit) in_.fail();
        }
        ~Level() { --in_.depth_; }
        Level(Level const&) = delete;
        Level& operator=(Level const&) = delete;

    private:
        PackedReader& in_;
    };

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
    std::size_t depth_ = 0;
    bool failed_ = false;
};

inline void get(PackedReader& in, std::string_view& text) { text = in.string(); }

// A list that a reader found to be whole. Each item is read when it is come to.
template <typename Item> class PackedList {
public:
    class Iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;

        Iterator(std::string_view octets, std::size_t size) : in_(octets), left_(size) { read(); }
        Item const& operator*() const { return item_; }
        Item const* operator->() const { return &item_; }
        Iterator& operator++() {
            --left_;
            read();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return left_ == 0; }

    private:
        void read() {
            if (left_ > 0) get(in_, item_);
        }

        PackedReader in_;
        std::size_t left_;
        Item item_;
    };

    PackedList() = default;
    PackedList(std::string_view octets, std::size_t size) : octets_(octets), size_(size) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    Iterator begin() const { return {octets_, size_}; }
    std::default_sentinel_t end() const { return {}; }

    bool operator==(PackedList const&) const = default;

private:
    std::string_view octets_;
    std::size_t size_ = 0;
};

} // namespace postern::message

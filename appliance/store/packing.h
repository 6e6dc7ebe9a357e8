// Values as octets: how the fields of records are packed one after the other, behind an octet that tells the version.
// What was packed is read back by the same calls in the same order; anything else is told, and never read beyond its
// end. Internal to store: what records consist of is codec.cpp's. Pure.
#pragma once

#include "core/clock.h"
#include "core/ids.h"
#include "core/secret.h"
#include "core/uid_set.h"
#include "core/varint.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace postern::store {

using core::LinkTime;
using core::UidSet;
using core::WallTime;

inline constexpr char record_version = 1;

class Encoder {
public:
    explicit Encoder(char version_octet = record_version) { octets_.push_back(version_octet); }

    template <typename Number>
        requires std::is_unsigned_v<Number>
    void add(Number number) {
        core::put_varint(octets_, number);
    }
    template <typename Id>
        requires std::is_enum_v<Id>
    void add(Id id) {
        add(core::number(id));
    }
    void add(bool flag) { octets_.push_back(flag ? 1 : 0); }
    void add(WallTime time) {
        auto const seconds = static_cast<std::int64_t>(time.time_since_epoch().count());
        add(static_cast<std::uint64_t>(seconds) << 1 ^ static_cast<std::uint64_t>(seconds >> 63));
    }
    void add(LinkTime time) { add(static_cast<std::uint64_t>(time.time_since_epoch().count())); }
    void add(core::Secret const& secret) { add(secret.reveal()); }
    void add(std::string_view text) {
        add(std::uint64_t{text.size()});
        octets_ += text;
    }
    void add(std::string const& text) { add(std::string_view(text)); }
    void add(std::vector<std::string> const& list) {
        add(std::uint64_t{list.size()});
        for (std::string const& text : list) add(text);
    }
    void add(UidSet const& uids) { add(uids.encode()); }
    void add(std::optional<std::uint64_t> const& number) {
        add(number.has_value());
        if (number) add(*number);
    }
    void add(std::optional<std::int8_t> const& level) {
        add(level.has_value());
        if (level) octets_.push_back(static_cast<char>(*level));
    }

    [[nodiscard]] std::string take() { return std::move(octets_); }

private:
    std::string octets_;
};

template <typename... Fields> std::string encode_fields(Fields const&... fields) {
    Encoder out;
    (out.add(fields), ...);
    return out.take();
}

inline constexpr std::uint64_t most_link_seconds = std::uint64_t{1} << 40; // some 35,000 years

class Decoder {
public:
    explicit Decoder(std::string_view octets, char version_octet = record_version) : rest_(octets) {
        good_ = octet() == static_cast<unsigned char>(version_octet);
    }

    template <typename Number>
        requires std::is_unsigned_v<Number>
    void get(Number& number) {
        auto const value = core::take_varint(rest_);
        if (!value || *value > std::numeric_limits<Number>::max()) return fail();
        number = static_cast<Number>(*value);
    }
    template <typename Id>
        requires std::is_enum_v<Id>
    void get(Id& id) {
        std::underlying_type_t<Id> number{};
        get(number);
        id = static_cast<Id>(number);
    }
    void get(bool& flag) {
        unsigned const next = octet();
        if (next > 1) return fail();
        flag = next == 1;
    }
    void get(WallTime& time) {
        std::uint64_t folded = 0;
        get(folded);
        time = WallTime(std::chrono::seconds(static_cast<std::int64_t>(folded >> 1 ^ (~(folded & 1) + 1))));
    }
    void get(LinkTime& time) {
        std::uint64_t seconds = 0;
        get(seconds);
        if (seconds > most_link_seconds) return fail();
        time = LinkTime(std::chrono::seconds(seconds));
    }
    void get(core::Secret& secret) {
        std::string_view view;
        get(view);
        if (good_) secret = core::Secret(view);
    }
    void get(std::string_view& text) {
        std::uint64_t size = 0;
        get(size);
        get_octets(text, size);
    }
    void get(std::string& text) {
        std::string_view view;
        get(view);
        if (good_) text = view;
    }
    void get(std::vector<std::string>& list) {
        std::uint64_t size = 0;
        get(size);
        if (size > rest_.size()) return fail(); // each takes an octet at least
        for (std::uint64_t i = 0; i < size && good_; ++i) get(list.emplace_back());
    }
    void get(UidSet& uids) {
        std::string_view view;
        get(view);
        if (!good_) return;
        auto decoded = UidSet::decode(view);
        if (!decoded) return fail();
        uids = std::move(*decoded);
    }

    void get(std::optional<std::uint64_t>& number) {
        bool there = false;
        get(there);
        if (there) get(number.emplace());
    }
    void get(std::optional<std::int8_t>& level) {
        bool there = false;
        get(there);
        if (there) level = static_cast<std::int8_t>(octet());
    }

    // What is only kept where there is something.
    template <typename Id> void get_something(Id& id) {
        get(id);
        if (id == Id{}) fail();
    }
    void get_something(std::optional<std::uint64_t>& number) { get(number.emplace()); }

    // The next so many octets.
    void get_octets(std::string_view& octets, std::uint64_t size) {
        if (!good_ || size > rest_.size()) return fail();
        octets = rest_.substr(0, size);
        rest_.remove_prefix(size);
    }

    // All of it was read, and all was well.
    [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

private:
    unsigned octet() {
        if (rest_.empty()) {
            fail();
            return 0;
        }
        auto const first = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }
    void fail() { good_ = false; }

    std::string_view rest_;
    bool good_ = true;
};

template <typename... Fields> bool decode_fields(std::string_view octets, Fields&... fields) {
    Decoder in(octets);
    (in.get(fields), ...);
    return in.done();
}

} // namespace postern::store

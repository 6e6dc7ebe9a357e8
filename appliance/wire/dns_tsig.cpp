#include "wire/dns_tsig.h"

#include "core/crypto.h"
#include "text/ascii.h"

#include <format>
#include <optional>
#include <utility>

namespace postern::wire::dns {

namespace {

using namespace std::chrono_literals;

constexpr auto tsig = static_cast<Type>(250);
constexpr auto any_class = static_cast<Class>(255);           // RFC 8945 §4.2; of what is to be deleted RFC 2136 §2.5.2
constexpr auto update = static_cast<Opcode>(5);               // RFC 2136 §1.3
constexpr auto not_authorized = static_cast<ResponseCode>(9); // RFC 8945 §5.3.2: the key is not as it should be

constexpr auto fudge = 300s; // RFC 8945 §10: recommended
constexpr std::size_t additional_count_at = 10;
constexpr std::string_view algorithm{"\x0bhmac-sha256\0", 13};
constexpr std::size_t mac_size = 32;

template <typename Number> std::string number(Number value, unsigned octets = sizeof(Number)) {
    std::string written;
    for (unsigned shift = octets * 8; shift > 0; shift -= 8) written += static_cast<char>(value >> (shift - 8));
    return written;
}

std::uint64_t number_in(std::string_view octets) {
    std::uint64_t value = 0;
    for (char const octet : octets) value = value << 8 | static_cast<unsigned char>(octet);
    return value;
}

// RFC 8945 §4.2
struct Tsig {
    std::uint64_t time = 0; // 48 bits
    std::uint16_t allowed = fudge.count();
    std::string mac;
    std::uint16_t original_id = 0;
    std::uint16_t error = 0;
    std::string other;
};

std::string write_data(Tsig const& signature) {
    return std::string(algorithm) + number(signature.time, 6) + number(signature.allowed) +
           number(static_cast<std::uint16_t>(signature.mac.size())) + signature.mac + number(signature.original_id) +
           number(signature.error) + number(static_cast<std::uint16_t>(signature.other.size())) + signature.other;
}

std::optional<Tsig> read_data(std::string_view data) {
    Tsig read;
    auto const take = [&](std::size_t size) {
        auto const taken = data.substr(0, size);
        data.remove_prefix(taken.size());
        return taken;
    };
    if (!text::iequals(take(algorithm.size()), algorithm)) return std::nullopt;
    read.time = number_in(take(6));
    read.allowed = static_cast<std::uint16_t>(number_in(take(2)));
    read.mac = take(number_in(take(2)));
    read.original_id = static_cast<std::uint16_t>(number_in(take(2)));
    read.error = static_cast<std::uint16_t>(number_in(take(2)));
    read.other = take(number_in(take(2)));
    return read;
}

// RFC 8945 §4.3.3
std::string mac_of(std::string_view before, std::string_view message, Tsig const& signature, TsigKey const& key) {
    std::string covered(before);
    covered += message;
    covered += text::lower(key.name.wire());
    covered += '\0';
    covered += number(static_cast<std::uint16_t>(any_class)) + number(std::uint32_t{0});
    covered += algorithm;
    covered += number(signature.time, 6) + number(signature.allowed) + number(signature.error) +
               number(static_cast<std::uint16_t>(signature.other.size())) + signature.other;
    return core::hmac_sha256(key.secret.reveal(), covered);
}

// RFC 8945 §5.3: what goes before an answer, of its request.
std::string counted(std::string_view request_mac) {
    if (request_mac.empty()) return {};
    return number(static_cast<std::uint16_t>(request_mac.size())) + std::string(request_mac);
}

void count_additional(std::string& message, int more) {
    auto const count = static_cast<int>(number_in(std::string_view(message).substr(additional_count_at, 2))) + more;
    message.replace(additional_count_at, 2, number(static_cast<std::uint16_t>(count)));
}

std::string write_record(Name const& owner, std::string_view data) {
    return std::string(owner.wire()) + '\0' + number(static_cast<std::uint16_t>(tsig)) +
           number(static_cast<std::uint16_t>(any_class)) + number(std::uint32_t{0}) +
           number(static_cast<std::uint16_t>(data.size())) + std::string(data);
}

} // namespace

SignedMessage sign(std::string message, TsigKey const& key, core::WallTime now, std::string_view request_mac) {
    Tsig signature;
    signature.time = static_cast<std::uint64_t>(now.time_since_epoch().count());
    signature.original_id = static_cast<std::uint16_t>(number_in(std::string_view(message).substr(0, 2)));
    signature.mac = mac_of(counted(request_mac), message, signature, key);
    count_additional(message, 1);
    message += write_record(key.name, write_data(signature));
    return {std::move(message), std::move(signature.mac)};
}

std::expected<Message, std::string> read_signed(std::string_view octets, TsigKey const& key,
                                                std::string_view request_mac, core::WallTime now) {
    auto read = parse_message(octets);
    if (read.outcome != Reading::message) return std::unexpected("talks nonsense");
    Message& message = read.message;
    std::optional<Tsig> signature;
    std::string record;
    if (!message.additionals.empty() && message.additionals.back().type() == tsig) {
        Record const& last = message.additionals.back();
        auto const* const data = std::get_if<Opaque>(&last.data);
        if (data != nullptr && last.name == key.name) {
            signature = read_data(data->octets);
            record = write_record(last.name, data->octets);
        }
    }
    constexpr unsigned bad_signature = 16, bad_key = 17, bad_time = 18; // RFC 8945 §5.2
    if (message.code == not_authorized && signature) switch (signature->error) {
        case bad_signature: return std::unexpected("says that the key is not the one that it has by that name");
        case bad_key: return std::unexpected("does not know a key by that name");
        case bad_time: return std::unexpected("has another time: the box's clock or its own is wrong");
        default: break;
        }
    // Some say no more than that (Knot).
    if (message.code == not_authorized && !signature) return std::unexpected("does not know a key by that name");
    if (!signature || !octets.ends_with(record))
        return std::unexpected(message.code == ResponseCode::no_error
                                   ? "does not sign its answer"
                                   : std::format("answers {}, and does not sign that", describe(message.code)));
    std::string bare(octets.substr(0, octets.size() - record.size()));
    count_additional(bare, -1);
    bare.replace(0, 2, number(signature->original_id));
    if (signature->mac.size() != mac_size ||
        !core::equal_in_constant_time(signature->mac, mac_of(counted(request_mac), bare, *signature, key)))
        return std::unexpected("signs its answer by another key");
    core::WallTime const time{std::chrono::seconds(signature->time)};
    if (time < now - fudge || time > now + fudge)
        return std::unexpected("has another time: the box's clock or its own is wrong");
    message.additionals.pop_back();
    return std::move(message);
}

Message text_update(Name const& zone, Name const& name, std::string_view text) {
    constexpr Seconds ttl{60};
    Message message;
    message.opcode = update;
    message.questions = {{zone, Type::soa}};
    message.authorities = {{name, Seconds(0), Opaque{Type::txt, {}}, any_class}};
    if (!text.empty()) message.authorities.push_back({name, ttl, Txt{{std::string(text)}}});
    return message;
}

} // namespace postern::wire::dns

#include "backup/header.h"

#include "core/crypto.h"
#include "text/base64.h"

#include <format>

namespace postern::backup {

namespace {

// As PNG's: what changes line ends, or cuts the eighth bit off, is seen at once.
constexpr std::string_view magic("\x89PosternBackup\r\n", 16);
static_assert(magic.size() == 16);
constexpr std::size_t key_size = 32;

template <typename Number> void put(std::string& out, Number number) {
    for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8)
        out += static_cast<char>(static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift) & 0xffU);
}

// The caller knows that so much is there.
template <typename Number> Number take(std::string_view& in) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) number = number << 8U | static_cast<unsigned char>(in[i]);
    in.remove_prefix(sizeof(Number));
    return static_cast<Number>(number);
}

constexpr std::size_t fixed_fields = 8 + 8 + 1 + 4 + salt_size;

} // namespace

std::string encode(Header const& header) {
    std::string fields;
    put(fields, header.schema);
    put(fields, header.made);
    put(fields, static_cast<std::uint8_t>(header.protection));
    put(fields, header.iterations);
    fields += header.salt;
    fields += header.domain.substr(0, longest_fields - fixed_fields);
    std::string out(magic);
    put(out, format_version);
    put(out, static_cast<std::uint16_t>(fields.size()));
    out += fields;
    return out + core::sha256(out);
}

std::expected<std::size_t, std::string> rest_of_header(std::string_view prefix) {
    if (!prefix.starts_with(magic)) return std::unexpected("it is no backup of a Postern");
    prefix.remove_prefix(magic.size() + 2);
    auto const fields = take<std::uint16_t>(prefix);
    if (fields > longest_fields) return std::unexpected("it is damaged in its first octets");
    return fields + digest_size;
}

std::expected<Header, std::string> decode_header(std::string_view octets) {
    auto const body = octets.substr(0, octets.size() - digest_size);
    if (core::sha256(body) != octets.substr(body.size())) return std::unexpected("it is damaged in its first octets");
    auto in = body.substr(magic.size());
    auto const format = take<std::uint16_t>(in);
    if (format > format_version)
        return std::unexpected(
            std::format("it was made by a newer Postern (format {}, this one knows {}): install that "
                        "version first",
                        format, format_version));
    in.remove_prefix(2);
    if (format == 0 || in.size() < fixed_fields) return std::unexpected("it is damaged in its first octets");
    Header header;
    header.schema = take<std::uint64_t>(in);
    header.made = take<std::int64_t>(in);
    auto const protection = take<std::uint8_t>(in);
    header.protection = static_cast<Protection>(protection);
    header.iterations = take<std::uint32_t>(in);
    header.salt = in.substr(0, salt_size);
    header.domain = in.substr(salt_size);
    bool const stretched = header.protection == Protection::passphrase;
    if (protection > static_cast<std::uint8_t>(Protection::key) || header.iterations > most_iterations ||
        stretched != (header.iterations > 0))
        return std::unexpected("it says of its protection what no Postern says");
    return header;
}

std::expected<core::Secret, std::string> file_key(Header const& header, std::string_view encoded,
                                                  Credentials const& credentials) {
    core::Secret master;
    switch (header.protection) {
    case Protection::checksums: return core::Secret();
    case Protection::passphrase:
        if (credentials.passphrase.empty())
            return std::unexpected("it is encrypted with a passphrase, which is wanted");
        master = core::Secret(core::pbkdf2_sha256(credentials.passphrase.reveal(), header.salt, header.iterations));
        break;
    case Protection::key:
        if (credentials.key.empty()) return std::unexpected("it is encrypted with a key, whose file is wanted");
        master = credentials.key.clone();
        break;
    }
    // Of the whole header, the salt in it: whoever changes a field has another key.
    return core::Secret(core::hmac_sha256(master.reveal(), std::string("postern backup file").append(encoded)));
}

std::string key_proof(core::Secret const& file_key) {
    return file_key.empty() ? "" : core::hmac_sha256(file_key.reveal(), "postern backup proof");
}

std::string write_key(core::Secret const& key) { return text::base64_encode(key.reveal()) + "\n"; }

std::expected<core::Secret, std::string> read_key(std::string_view text) {
    auto octets = text::base64_decode(text.substr(0, text.find_last_not_of(" \r\n") + 1));
    if (octets && octets->size() == key_size) return core::Secret(std::move(*octets));
    return std::unexpected("it holds no key: one is 32 octets in base64, as `postern backup-key` makes them");
}

} // namespace postern::backup

#include "backup/stream.h"

#include "core/crypto.h"

#include <format>
#include <utility>

namespace postern::backup {

std::expected<Writer, std::string> Writer::begin(Header const& header, Credentials const& credentials, Sink sink) {
    std::string encoded = encode(header);
    auto const key = file_key(header, encoded, credentials);
    if (!key) return std::unexpected(key.error());
    Chunks chunks(*key, encoded);
    if (auto const written = sink(encoded + key_proof(*key)); !written) return std::unexpected(written.error());
    return Writer(std::move(chunks), std::move(sink));
}

std::expected<void, std::string> Writer::write(std::string_view octets) {
    while (!octets.empty()) {
        // The last one is made by finish(), so a full one waits until something follows it.
        if (waiting_.size() == chunk_octets) {
            if (auto const written = sink_(chunks_.seal(waiting_, false)); !written) return written;
            waiting_.clear();
        }
        auto const taken = octets.substr(0, chunk_octets - waiting_.size());
        waiting_ += taken;
        octets.remove_prefix(taken.size());
    }
    return {};
}

std::expected<void, std::string> Writer::finish() { return sink_(chunks_.seal(std::exchange(waiting_, {}), true)); }

namespace {

constexpr std::string_view cut_short = "it is cut short";

std::expected<std::string, std::string> take(Source const& source, std::size_t size) {
    auto octets = source(size);
    if (octets && octets->size() < size) return std::unexpected(std::string(cut_short));
    return octets;
}

} // namespace

std::expected<Reader, std::string> Reader::begin(Source source, Credentials const& credentials) {
    auto prefix = source(prefix_size);
    if (!prefix) return std::unexpected(prefix.error());
    if (prefix->empty()) return std::unexpected("it is empty");
    if (prefix->size() < prefix_size) return std::unexpected(std::string(cut_short));
    auto const size = rest_of_header(*prefix);
    if (!size) return std::unexpected(size.error());
    auto const rest = take(source, *size);
    if (!rest) return std::unexpected(rest.error());
    std::string const encoded = *prefix + *rest;
    auto header = decode_header(encoded);
    if (!header) return std::unexpected(header.error());
    auto const key = file_key(*header, encoded, credentials);
    if (!key) return std::unexpected(key.error());
    std::string const proof = key_proof(*key);
    auto const found = take(source, proof.size());
    if (!found) return std::unexpected(found.error());
    if (!core::equal_in_constant_time(*found, proof))
        return std::unexpected(header->protection == Protection::passphrase
                                   ? "the passphrase is not the one that it was made with"
                                   : "the key is not the one that it was made with");
    Reader reader(std::move(*header), Chunks(*key, encoded), std::move(source));
    reader.position_ = encoded.size() + proof.size();
    return reader;
}

std::expected<std::string, std::string> Reader::next() {
    if (ended_) return "";
    auto const damaged = [this] {
        return std::unexpected(
            std::format("it is damaged in part {}, which begins at octet {}", chunks_.count() + 1, position_));
    };
    auto const length = take(source_, 4);
    if (!length) return length;
    std::size_t size = 0;
    for (char const octet : *length) size = size << 8U | static_cast<unsigned char>(octet);
    if (size > longest_sealed) return damaged();
    auto const sealed = take(source_, size);
    if (!sealed) return sealed;
    auto opened = chunks_.open(*sealed);
    if (!opened) return damaged();
    position_ += 4 + size;
    if (!opened->last) {
        if (opened->octets.empty()) return damaged();
        return std::move(opened->octets);
    }
    ended_ = true;
    auto const more = source_(1);
    if (!more) return more;
    if (!more->empty()) return std::unexpected("something follows its end");
    return std::move(opened->octets);
}

} // namespace postern::backup

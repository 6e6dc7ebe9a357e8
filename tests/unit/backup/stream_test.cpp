#include "backup/stream.h"
#include "core/crypto.h"

#include <CppUTest/TestHarness.h>

#include <string>

using namespace postern;
using namespace postern::backup;

namespace {

struct Read {
    std::string octets, error;
    bool operator==(Read const&) const = default;
};

Source from(std::string_view file) {
    return [file, at = 0UZ](std::size_t most) mutable -> std::expected<std::string, std::string> {
        auto const piece = file.substr(at, most);
        at += piece.size();
        return std::string(piece);
    };
}

Read read(std::string_view file, Credentials const& credentials) {
    auto reader = Reader::begin(from(file), credentials);
    if (!reader) return {"", reader.error()};
    Read all;
    for (;;) {
        auto const piece = reader->next();
        if (!piece) return {"", piece.error()};
        if (piece->empty()) return all;
        all.octets += *piece;
    }
}

Credentials passphrase(std::string_view words) { return {.passphrase = core::Secret(words), .key = {}}; }
Credentials key(char octet) { return {.passphrase = {}, .key = core::Secret(std::string(32, octet))}; }

std::string write(std::string_view octets, Credentials const& credentials) {
    Header header{.schema = 8, .made = 1'700'000'000, .salt = std::string(salt_size, 's'), .domain = "office.lan"};
    if (!credentials.passphrase.empty()) {
        header.protection = Protection::passphrase;
        header.iterations = 2; // tests read it many times
    } else if (!credentials.key.empty()) {
        header.protection = Protection::key;
    }
    std::string file;
    auto writer = Writer::begin(header, credentials, [&](std::string_view piece) -> std::expected<void, std::string> {
        file += piece;
        return {};
    });
    CHECK(writer.has_value());
    for (std::string_view rest = octets; !rest.empty(); rest.remove_prefix(std::min(rest.size(), 700'000UZ)))
        CHECK(writer->write(rest.substr(0, 700'000)).has_value());
    CHECK(writer->finish().has_value());
    return file;
}

std::string of_many_kinds(std::size_t size) {
    std::string octets;
    for (std::uint32_t i = 1; octets.size() < size; i = i * 1664525 + 1013904223) octets += static_cast<char>(i >> 24U);
    return octets;
}

} // namespace

TEST_GROUP(BackupStream){};

TEST(BackupStream, reads_what_was_written) {
    for (std::size_t const size : {0UZ, 1UZ, chunk_octets - 1, chunk_octets, chunk_octets + 1, 3 * chunk_octets}) {
        auto const octets = of_many_kinds(size);
        CHECK(read(write(octets, {}), {}) == Read(octets, ""));
        CHECK(read(write(octets, passphrase("words")), passphrase("words")) == Read(octets, ""));
        CHECK(read(write(octets, key('k')), key('k')) == Read(octets, ""));
    }
}

TEST(BackupStream, shows_nothing_of_what_is_encrypted) {
    std::string const octets = "a letter that nobody is to read";
    CHECK(write(octets, {}).contains("letter"));
    CHECK_FALSE(write(octets, key('k')).contains("letter"));
}

TEST(BackupStream, is_refused_at_whatever_octet_it_is_cut) {
    for (auto const* credentials : {new Credentials(), new Credentials(key('k')), new Credentials(passphrase("w"))}) {
        auto const file = write("some octets", *credentials);
        for (std::size_t size = 0; size < file.size(); ++size) {
            auto const outcome = read(std::string_view(file).substr(0, size), *credentials);
            CHECK(outcome.error == (size == 0 ? "it is empty" : "it is cut short"));
        }
        CHECK(read(file + "x", *credentials).error == "something follows its end");
        delete credentials;
    }
}

TEST(BackupStream, is_refused_whatever_bit_is_another) {
    for (auto const* credentials : {new Credentials(), new Credentials(key('k'))}) {
        auto const file = write("some octets", *credentials);
        for (std::size_t at = 0; at < file.size(); ++at)
            for (int bit = 0; bit < 8; ++bit) {
                std::string other = file;
                other[at] = static_cast<char>(other[at] ^ 1 << bit);
                CHECK(read(other, *credentials).error.starts_with("it is") ||
                      read(other, *credentials).error.starts_with("the key"));
            }
        delete credentials;
    }
}

TEST(BackupStream, is_refused_where_chunks_are_missing_or_moved) {
    auto const octets = of_many_kinds(3 * chunk_octets);
    for (auto const* credentials : {new Credentials(), new Credentials(key('k'))}) {
        auto const file = write(octets, *credentials);
        // Of what does not compress all chunks but the last are as long.
        auto const header = write("", *credentials).size() - (credentials->key.empty() ? 32 : 16) - 4 - 9;
        auto const size = (file.size() - header) / 3;
        std::string const begin = file.substr(0, header), a = file.substr(header, size),
                          b = file.substr(header + size, size), c = file.substr(header + 2 * size);
        CHECK(read(begin + a + b + c, *credentials).octets == octets);
        CHECK(read(begin + b + a + c, *credentials).error.contains("damaged in part 1"));
        CHECK(read(begin + a + c, *credentials).error.contains("damaged in part 2"));
        CHECK(read(begin + a + b, *credentials).error == "it is cut short");
        delete credentials;
    }
}

TEST(BackupStream, tells_a_wrong_key_from_damage) {
    CHECK(read(write("x", passphrase("words")), passphrase("swords")).error ==
          "the passphrase is not the one that it was made with");
    CHECK(read(write("x", passphrase("words")), {}).error == "it is encrypted with a passphrase, which is wanted");
    CHECK(read(write("x", key('k')), key('l')).error == "the key is not the one that it was made with");
    CHECK(read(write("x", key('k')), {}).error == "it is encrypted with a key, whose file is wanted");
    CHECK(read("From: alice\r\n and so on", {}).error == "it is no backup of a Postern");
}

// What a newer Postern may write: the same beginning, another number, and fields of its own.
TEST(BackupStream, says_of_a_newer_format_that_it_is) {
    std::string header = encode({.schema = 9, .made = 0, .salt = std::string(salt_size, 's'), .domain = "o"});
    header.resize(header.size() - digest_size);
    header[17] = 2;
    header += core::sha256(header);
    CHECK(read(header, {}).error.starts_with("it was made by a newer Postern (format 2"));
}

TEST(BackupStream, does_not_work_for_hours_because_a_file_says_so) {
    Header header{.schema = 8,
                  .made = 0,
                  .protection = Protection::passphrase,
                  .iterations = most_iterations + 1,
                  .salt = std::string(salt_size, 's'),
                  .domain = "o"};
    CHECK(read(encode(header), passphrase("words")).error == "it says of its protection what no Postern says");
}

TEST(BackupStream, keeps_keys_as_text) {
    core::Secret const made(std::string(32, 'k'));
    CHECK(read_key(write_key(made)).value() == made);
    CHECK(read_key(write_key(made) + "\r\n").value() == made);
    CHECK_FALSE(read_key("").has_value());
    CHECK_FALSE(read_key("c2hvcnQ=\n").has_value());
}

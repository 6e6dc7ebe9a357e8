// Encoded words, how header fields carry text beyond ASCII (RFC 2047). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace postern::message {

// A field's body, or a piece of one such as a display name, as UTF-8. Lenient like the clients people use: encoded
// words are decoded wherever they stand (within quotes, glued to other text, longer than allowed, with spaces in "Q");
// space between two of them goes; a character split between two of the same charset is put together; octets beyond
// ASCII are read as UTF-8 or else windows-1252. What does not end in "?=" stays as it is. Line ends go.
std::string decode_words(std::string_view raw);

// The way back: as it is if it is printable ASCII and cannot be taken for encoded words, else encoded words of UTF-8,
// each 75 characters at most and holding whole characters, with a space between, where a line may be folded. They may
// stand in unstructured text, in a phrase and in a comment alike (RFC 2047 §5).
std::string encode_words(std::string_view utf8);

} // namespace postern::message

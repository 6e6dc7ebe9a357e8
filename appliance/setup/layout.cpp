#include "setup/layout.h"

#include "text/utf8.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::setup {

namespace {

bool begins_character(char octet) { return (static_cast<unsigned char>(octet) & 0xc0U) != 0x80U; }

// The octets that the first `width` characters take.
std::size_t octets_of(std::string_view text, std::size_t width) {
    std::size_t at = 0;
    for (; at < text.size(); ++at)
        if (begins_character(text[at]) && width-- == 0) break;
    return at;
}

struct Letter {
    char32_t letter;
    std::string_view ascii;
};
// By letter. Cyrillic as in passports (ICAO Doc 9303).
constexpr Letter letters[] = {
    {U'¡', "!"}, {U'§', "S"},  {U'«', "\""}, {U'°', "o"},  {U'»', "\""}, {U'¿', "?"},  {U'À', "A"},  {U'Á', "A"},
    {U'Â', "A"}, {U'Ä', "Ae"}, {U'Ç', "C"},  {U'È', "E"},  {U'É', "E"},  {U'Ê', "E"},  {U'Í', "I"},  {U'Î', "I"},
    {U'Ñ', "N"}, {U'Ó', "O"},  {U'Ô', "O"},  {U'Ö', "Oe"}, {U'Ú', "U"},  {U'Ü', "Ue"}, {U'ß', "ss"}, {U'à', "a"},
    {U'á', "a"}, {U'â', "a"},  {U'ä', "ae"}, {U'ç', "c"},  {U'è', "e"},  {U'é', "e"},  {U'ê', "e"},  {U'ë', "e"},
    {U'í', "i"}, {U'î', "i"},  {U'ï', "i"},  {U'ñ', "n"},  {U'ó', "o"},  {U'ô', "o"},  {U'ö', "oe"}, {U'ù', "u"},
    {U'ú', "u"}, {U'û', "u"},  {U'ü', "ue"}, {U'Œ', "Oe"}, {U'œ', "oe"}, {U'Ё', "E"},  {U'А', "A"},  {U'Б', "B"},
    {U'В', "V"}, {U'Г', "G"},  {U'Д', "D"},  {U'Е', "E"},  {U'Ж', "Zh"}, {U'З', "Z"},  {U'И', "I"},  {U'Й', "I"},
    {U'К', "K"}, {U'Л', "L"},  {U'М', "M"},  {U'Н', "N"},  {U'О', "O"},  {U'П', "P"},  {U'Р', "R"},  {U'С', "S"},
    {U'Т', "T"}, {U'У', "U"},  {U'Ф', "F"},  {U'Х', "Kh"}, {U'Ц', "Ts"}, {U'Ч', "Ch"}, {U'Ш', "Sh"}, {U'Щ', "Shch"},
    {U'Ъ', ""},  {U'Ы', "Y"},  {U'Ь', ""},   {U'Э', "E"},  {U'Ю', "Yu"}, {U'Я', "Ya"}, {U'а', "a"},  {U'б', "b"},
    {U'в', "v"}, {U'г', "g"},  {U'д', "d"},  {U'е', "e"},  {U'ж', "zh"}, {U'з', "z"},  {U'и', "i"},  {U'й', "i"},
    {U'к', "k"}, {U'л', "l"},  {U'м', "m"},  {U'н', "n"},  {U'о', "o"},  {U'п', "p"},  {U'р', "r"},  {U'с', "s"},
    {U'т', "t"}, {U'у', "u"},  {U'ф', "f"},  {U'х', "kh"}, {U'ц', "ts"}, {U'ч', "ch"}, {U'ш', "sh"}, {U'щ', "shch"},
    {U'ъ', ""},  {U'ы', "y"},  {U'ь', ""},   {U'э', "e"},  {U'ю', "yu"}, {U'я', "ya"}, {U'ё', "e"},
};
static_assert(std::ranges::is_sorted(letters, {}, &Letter::letter));

} // namespace

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string cut(std::string_view text, std::size_t width) {
    return std::string(text.substr(0, octets_of(text, width)));
}

std::string cut_front(std::string_view text, std::size_t width) {
    auto const all = columns(text);
    return std::string(text.substr(octets_of(text, all > width ? all - width : 0)));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        std::string word(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && columns(line) + 1 + columns(word) > width) lines.push_back(std::exchange(line, {}));
        while (columns(word) > width) {
            lines.push_back(cut(word, width));
            word.erase(0, lines.back().size());
        }
        if (!line.empty()) line += ' ';
        line += word;
    }
    if (!line.empty()) lines.push_back(std::move(line));
    return lines;
}

std::string in_ascii(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const front = text::utf8_front(text);
        text.remove_prefix(front.length);
        if (front.character < 0x80) {
            out += static_cast<char>(front.character);
            continue;
        }
        auto const known = std::ranges::lower_bound(letters, front.character, {}, &Letter::letter);
        out += known != std::end(letters) && known->letter == front.character ? known->ascii : "?";
    }
    return out;
}

} // namespace postern::setup

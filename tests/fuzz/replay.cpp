// Where libFuzzer is absent: runs a fuzz target once over every file named, and over every file of a folder named.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

int replayed = 0;

void replay(std::filesystem::path const& path) {
    if (std::filesystem::is_directory(path)) {
        for (auto const& entry : std::filesystem::directory_iterator(path)) replay(entry.path());
        return;
    }
    std::ifstream file(path, std::ios::binary);
    std::vector<char> const bytes{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    ++replayed;
}

} // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) replay(argv[i]);
    std::printf("%d inputs replayed\n", replayed);
    return replayed > 0 ? 0 : 1;
}

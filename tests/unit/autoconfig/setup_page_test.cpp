#include "autoconfig/qr_code.h"
#include "autoconfig/setup_page.h"
#include "autoconfig/words.h"
#include "pages/language.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace postern::autoconfig;

TEST_GROUP(SetupPage) {
    Office const office = [] {
        Office made = office_at("office.lan", "mail.office.lan", 0, nullptr);
        made.account_url = "https://mail.office.lan/account";
        return made;
    }();
    Person const alice{.address = "alice@office.lan", .name = "alice"};

    std::string show(Reader const& reader, std::string_view authority) const {
        return setup_page(office, reader,
                          authority.empty() ? std::vector<std::string>() : std::vector{std::string(authority)})
            .content;
    }
    static std::size_t count(std::string_view page, std::string_view piece) {
        std::size_t found = 0;
        for (auto at = page.find(piece); at != std::string_view::npos; at = page.find(piece, at + 1)) ++found;
        return found;
    }
};

TEST(SetupPage, is_there_in_every_language_and_leaves_no_place_empty) {
    for (auto const language : postern::pages::languages) {
        auto const page = show({.language = language, .person = alice}, "der");
        STRCMP_CONTAINS(("<html lang=\"" + std::string(language) + "\">").c_str(), page.c_str());
        CHECK_FALSE(page.contains("{0}"));
        for (std::string_view const empty : {"<h1></h1>", "<h2></h2>", "<summary></summary>", "<li></li>", "<p></p>",
                                             "<button></button>", "></a>", "></th>"})
            LONGS_EQUAL_TEXT(0, count(page, empty), std::string(language).c_str());
        LONGS_EQUAL(5, count(page, "<details"));
        STRCMP_CONTAINS(std::string(words_in(language).apple_trust).substr(0, 20).c_str(), page.c_str());
    }
}

TEST(SetupPage, opens_the_steps_of_the_system_that_reads_it) {
    struct Row {
        std::string_view agent, open;
    };
    constexpr Row rows[] = {
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)", "<details id=\"apple\" open>"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "<details id=\"apple\" open>"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "<details id=\"windows\" open>"},
        {"Mozilla/5.0 (Linux; Android 10; K)", "<details id=\"android\" open>"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0)", "<details id=\"linux\" open>"},
    };
    for (auto const& row : rows) {
        auto const page = show({.language = "en", .user_agent = row.agent}, "der");
        STRCMP_CONTAINS(std::string(row.open).c_str(), page.c_str());
        LONGS_EQUAL(1, count(page, " open>"));
    }
    LONGS_EQUAL(0, count(show({.language = "en"}, "der"), " open>"));
}

TEST(SetupPage, an_address_stays_wherever_one_goes) {
    Person const odd{.address = "a+b&\"c\"@office.lan", .name = "a"};
    auto const page = show({.language = "en", .person = odd}, "der");
    STRCMP_CONTAINS("value=\"a+b&amp;&quot;c&quot;@office.lan\"", page.c_str());
    STRCMP_CONTAINS("/setup/office.mobileconfig?address=a%2Bb%26%22c%22@office.lan\"", page.c_str());
    STRCMP_CONTAINS("/?lang=de&amp;address=a%2Bb%26%22c%22@office.lan\"", page.c_str());
}

TEST(SetupPage, leads_to_itself_by_a_code_and_to_the_pages_for_account_holders) {
    auto const page = show({.language = "de", .person = alice}, "der");
    STRCMP_CONTAINS(qr_code("http://setup.office.lan/?address=alice@office.lan",
                            "http://setup.office.lan/?address=alice@office.lan")
                        .c_str(),
                    page.c_str());
    STRCMP_CONTAINS("href=\"https://mail.office.lan/account?lang=de&amp;address=alice@office.lan\"", page.c_str());
    CHECK_TRUE(qr_code(std::string(3000, 'x'), "").empty());
}

TEST(SetupPage, pictures_call_things_what_the_steps_call_them) {
    for (auto const language : postern::pages::languages) {
        auto const page = show({.language = language}, "der");
        Words const& words = words_in(language);
        for (std::string_view const label : {words.profile_downloaded, words.trusted_roots, words.ca_certificate})
            LONGS_EQUAL_TEXT(2, count(page, label), std::string(label).c_str());
        CHECK_FALSE(page.contains("{1}"));
    }
}

TEST(SetupPage, an_address_of_others_is_told_so) {
    auto const page = show({.language = "en", .unknown = true}, "der");
    STRCMP_CONTAINS("role=\"alert\">That is no address of this office. It ends in @office.lan.", page.c_str());
    STRCMP_CONTAINS("aria-invalid=\"true\"", page.c_str());
}

TEST(SetupPage, without_an_authority_there_is_nothing_to_trust) {
    auto const page = show({.language = "en"}, "");
    CHECK_FALSE(page.contains("office.crt"));
    CHECK_FALSE(page.contains("office.mobileconfig"));
    CHECK_FALSE(page.contains("trusted.svg"));
    STRCMP_CONTAINS("File, Add Account", page.c_str());
    auto const of_alice = show({.language = "en", .person = alice}, "");
    STRCMP_CONTAINS("/setup/office.mobileconfig?address=alice@office.lan", of_alice.c_str());
    CHECK_FALSE(of_alice.contains("Certificate Trust Settings"));
}

TEST(SetupPage, has_the_next_authority_beside_the_present_one) {
    CHECK_FALSE(show({.language = "en"}, "der").contains("next.crt"));
    auto const page = setup_page(office, {.language = "en"}, {"der", "next"}).content;
    LONGS_EQUAL(3, count(page, "href=\"/setup/next.crt\""));
    LONGS_EQUAL(3, count(page, "href=\"/setup/office.crt\""));
    STRCMP_CONTAINS("http://setup.office.lan/setup/next.crt -OutFile", page.c_str());
    LONGS_EQUAL(2, count(page, words_in("en").fingerprint));
}

TEST(SetupPage, takes_nothing_from_elsewhere) {
    auto const page = show({.language = "en", .person = alice}, "der");
    CHECK_FALSE(page.contains("<script"));
    CHECK_FALSE(page.contains("style=\""));
    for (auto at = page.find("://"); at != std::string::npos; at = page.find("://", at + 1)) {
        auto const host = page.substr(at + 3, page.find_first_of("/\"<: ", at + 3) - at - 3);
        CHECK_TEXT(host.ends_with(".office.lan"), host.c_str());
    }
    auto const fields = setup_page(office, {.language = "en"}, {"der"}).fields;
    auto const policy = std::ranges::find(fields, "Content-Security-Policy", &postern::http::Fields::value_type::first);
    STRCMP_CONTAINS("default-src 'none'; style-src 'self'; object-src https://mail.office.lan;",
                    policy->second.c_str());
}

#include "autoconfig/apple_profile.h"
#include "autoconfig/autodiscover.h"
#include "autoconfig/pacc.h"
#include "autoconfig/thunderbird.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

using namespace postern::autoconfig;

namespace {

MailServers const office = mail_servers("office.lan", "mail.office.lan", 0);
Person const alice{.address = "alice@office.lan", .name = "alice"};

} // namespace

TEST_GROUP(MailServers){};

TEST(MailServers, the_best_has_tls_from_the_start_and_ports_move_together) {
    LONGS_EQUAL(993, office.best(Protocol::imap).port);
    LONGS_EQUAL(995, office.best(Protocol::pop3).port);
    LONGS_EQUAL(465, office.best(Protocol::submission).port);
    CHECK(office.best(Protocol::submission).implicit_tls);
    LONGS_EQUAL(20993, mail_servers("a", "b", 20000).best(Protocol::imap).port);
}

TEST(MailServers, a_person_is_one_of_the_office) {
    STRCMP_EQUAL("Alice@office.lan", person_of("Alice@OFFICE.lan", "office.lan")->address.c_str());
    STRCMP_EQUAL("a@xn--bro-hoa.example", person_of("a@b\xC3\xBCro.example", "xn--bro-hoa.example")->address.c_str());
    for (std::string_view const nobody : {"", "alice", "@office.lan", "alice@other.lan", "alice@", "a b@office.lan",
                                          "alice@office.lan\r\nX: y", "<alice@office.lan>"})
        CHECK_FALSE(person_of(nobody, "office.lan").has_value());
}

TEST_GROUP(ThunderbirdDocument){};

TEST(ThunderbirdDocument, names_servers_in_order_and_the_login) {
    auto const document = thunderbird_document(office, alice, "http://setup.office.lan");
    STRCMP_CONTAINS("<domain>office.lan</domain>", document.c_str());
    STRCMP_CONTAINS("<username>alice@office.lan</username>", document.c_str());
    auto const tls = document.find("<port>993</port>"), starttls = document.find("<port>143</port>");
    CHECK(tls < starttls);
    STRCMP_CONTAINS("<socketType>SSL</socketType>", document.substr(tls, starttls - tls).c_str());
    CHECK(document.find("password-cleartext") < document.find("password-encrypted"));
    STRCMP_CONTAINS("<outgoingServer type=\"smtp\">", document.c_str());
    CHECK_FALSE(document.contains("<hostname>imap."));
}

TEST(ThunderbirdDocument, for_anybody_has_a_placeholder) {
    STRCMP_CONTAINS("<username>%EMAILADDRESS%</username>", thunderbird_document(office, {}, "").c_str());
}

TEST(ThunderbirdDocument, no_address_becomes_markup) {
    Person const rude{.address = "\"<x>&\"@office.lan", .name = "x"};
    STRCMP_CONTAINS("<username>&quot;&lt;x&gt;&amp;&quot;@office.lan</username>",
                    thunderbird_document(office, rude, "").c_str());
}

TEST_GROUP(Autodiscover){};

TEST(Autodiscover, reads_what_outlook_asks) {
    auto const asked = read_autodiscover(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover "
        "xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\"><Request>"
        "<EMailAddress>alice@office.lan</EMailAddress><AcceptableResponseSchema>"
        "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>"
        "</Request></Autodiscover>");
    STRCMP_EQUAL("alice@office.lan", asked.address.c_str());
    CHECK(asked.for_outlook);
    CHECK_FALSE(read_autodiscover("<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/"
                                  "mobilesync/responseschema/2006</AcceptableResponseSchema>")
                    .for_outlook);
}

TEST(Autodiscover, tells_servers_with_tls_alone) {
    auto const document = autodiscover_document(office, alice);
    auto const imap = document.find("<Type>IMAP</Type>"), pop3 = document.find("<Type>POP3</Type>"),
               smtp = document.find("<Type>SMTP</Type>");
    CHECK(imap < pop3 && pop3 < smtp);
    STRCMP_CONTAINS("<Port>993</Port>", document.substr(imap, pop3 - imap).c_str());
    STRCMP_CONTAINS("<Port>465</Port>", document.substr(smtp).c_str());
    STRCMP_CONTAINS("<LoginName>alice@office.lan</LoginName>", document.substr(smtp).c_str());
    CHECK_FALSE(document.contains("<SSL>off</SSL>"));
    STRCMP_CONTAINS("<ErrorCode>600</ErrorCode>", autodiscover_error(600).c_str());
}

TEST(Autodiscover, points_to_the_service_that_there_is) {
    auto const known = autodiscover_pointer("autodiscoverv1", "https://mail.office.lan");
    CHECK(known.found);
    STRCMP_EQUAL(
        "{\"Protocol\":\"AutodiscoverV1\",\"Url\":\"https://mail.office.lan/autodiscover/autodiscover.xml\"}\n",
        known.json.c_str());
    CHECK_FALSE(autodiscover_pointer("ActiveSync", "").found);
    CHECK_FALSE(autodiscover_pointer("", "").found);
}

TEST_GROUP(PaccDocument){};

TEST(PaccDocument, is_the_same_each_time) {
    auto const document = pacc_document(office, "http://setup.office.lan");
    STRCMP_EQUAL(document.c_str(), pacc_document(office, "http://setup.office.lan").c_str());
    STRCMP_CONTAINS("\"imap\":{\"host\":\"mail.office.lan\"}", document.c_str());
    STRCMP_CONTAINS("\"authentication\":{\"password\":true}", document.c_str());
}

TEST_GROUP(AppleProfile){};

TEST(AppleProfile, brings_trust_and_the_account) {
    auto const profile = apple_profile(office, alice, {"der"});
    STRCMP_CONTAINS("<key>PayloadType</key><string>com.apple.security.root</string>", profile.c_str());
    STRCMP_CONTAINS("<key>PayloadContent</key><data>ZGVy</data>", profile.c_str());
    STRCMP_CONTAINS("<key>PayloadType</key><string>com.apple.mail.managed</string>", profile.c_str());
    STRCMP_CONTAINS("<key>IncomingMailServerPortNumber</key><integer>993</integer>", profile.c_str());
    STRCMP_CONTAINS("<key>OutgoingMailServerHostName</key><string>mail.office.lan</string>", profile.c_str());
    STRCMP_CONTAINS("<key>OutgoingPasswordSameAsIncomingPassword</key><true/>", profile.c_str());
    CHECK_FALSE(apple_profile(office, {}, {"der"}).contains("com.apple.mail.managed"));
    CHECK_FALSE(apple_profile(office, alice, {}).contains("com.apple.security.root"));
}

TEST(AppleProfile, has_each_authority_under_an_identifier_of_its_own) {
    auto const profile = apple_profile(office, {}, {"der", "next"});
    STRCMP_CONTAINS("<data>ZGVy</data>", profile.c_str());
    STRCMP_CONTAINS("<data>bmV4dA==</data>", profile.c_str());
    STRCMP_CONTAINS("<string>lan.postern.office.lan.authority</string>", profile.c_str());
    STRCMP_CONTAINS("<string>lan.postern.office.lan.authority.next</string>", profile.c_str());
}

TEST(AppleProfile, has_the_same_identifiers_for_the_same_person_alone) {
    auto const uuid = [](std::string const& profile) {
        return profile.substr(profile.find("<key>PayloadUUID</key>"), 70);
    };
    Person const bob{.address = "bob@office.lan", .name = "bob"};
    STRCMP_EQUAL(uuid(apple_profile(office, alice, {"a"})).c_str(), uuid(apple_profile(office, alice, {"b"})).c_str());
    CHECK(uuid(apple_profile(office, alice, {"a"})) != uuid(apple_profile(office, bob, {"a"})));
}

"""Words that sample people are made of. Nobody in here exists; hosts and numbers are reserved.

Hosts: RFC 2606. Numbers: the range for drama of the UK's regulator, and exchanges 0000 elsewhere.
IP addresses: RFC 5737.
"""


def _words(text: str) -> list[str]:
    return text.split()


FAMILY = {
    "ko": _words("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍"),
    "id": _words("Wijaya Santoso Pratama Kusuma Hidayat Nugroho Saputra Lestari Siregar Halim"),
    "en": _words("Ashford Bramble Calder Dunmore Ellery Fenwick Garland Holloway Ingram Jessop"),
}
GIVEN = {
    "ko": _words("민지 서준 하은 도윤 지우 예준 수아 시우 서연 주원 지민 현우 유진 태양 은서 가온"),
    "id": _words("Adi Bunga Citra Dewi Eka Fajar Gita Hendra Indah Joko Kartika Lina Made Nur"),
    "en": _words("Alice Basil Clara Dorian Edith Felix Grace Hugo Iris Jasper Kitty Leo Mabel"),
}
LOGIN = _words("blue happy quiet sunny swift tiny brave lucky mild neat")
ANIMAL = _words("otter finch maple heron koala panda robin tiger wren zebra")
STREET = {
    "ko": ["서울시 견본구 예시로", "부산시 가상구 표본길", "대전시 시험구 보기로"],
    "id": ["Jl. Contoh Raya, Jakarta", "Jl. Teladan, Bandung", "Jl. Percobaan, Surabaya"],
    "en": ["Sample Street, Exampleton", "Specimen Road, Testbury", "Placeholder Lane, Mockford"],
}
PRODUCT = {
    "ko": ["면 티셔츠", "도자기 컵", "캔버스 가방", "양모 목도리"],
    "id": ["kaus katun", "cangkir keramik", "tas kanvas", "syal wol"],
    "en": ["cotton shirt", "ceramic cup", "canvas bag", "wool scarf"],
}
COMPLAINT = {
    "ko": ["배송이 늦었습니다.", "색상이 사진과 다릅니다.", "환불이 아직 안 되었습니다."],
    "id": ["Kiriman terlambat.", "Warna berbeda dari foto.", "Pengembalian dana belum masuk."],
    "en": ["The parcel came late.", "The colour differs.", "The refund has not arrived."],
}
ENQUIRY = {
    "ko": ["비밀 번호 없이 어떻게 로그인하나요?", "주문을 바꿀 수 있나요?"],
    "id": ["Bagaimana cara mengubah alamat?", "Apakah pesanan bisa diubah?"],
    "en": ["How do I change my address?", "Can I change my order?"],
}
GENDER = {"ko": ["여성", "남성"], "id": ["perempuan", "laki-laki"], "en": ["female", "male"]}
OCCUPATION = {
    "ko": ["교사", "요리사", "개발자"],
    "id": ["guru", "juru masak", "pengembang"],
    "en": ["teacher", "cook", "developer"],
}
HOSTS = ("example.com", "example.org", "example.net")
CURRENCY = {"KR": "KRW", "ID": "IDR", "MY": "MYR", "SG": "SGD"}
LANGUAGES = {
    "KR": ("ko", "ko", "ko", "ko", "en", "id"),
    "ID": ("id", "id", "id", "id", "en", "ko"),
}
ELSEWHERE = ("en", "en", "en", "id", "ko")

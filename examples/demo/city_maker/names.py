"""The names of the demo city: invented or generic, none copied from one real city as a whole."""

CITY = "Kota Tirta Raya"
CITY_CODE = "99.71"  # there is no province 99

# kecamatan: name, site in metres, its kelurahan. A kelurahan with a site must contain it.
Hint = tuple[float, float] | None
KECAMATAN: list[tuple[str, tuple[float, float], list[tuple[str, Hint]]]] = [
    ("Pelabuhan", (-4100, 2500), [
        ("Bandar Jaya", (-5500, 4300)), ("Layar Emas", None), ("Kampung Nelayan", (-2600, 2700)),
        ("Teluk Permai", None), ("Gudang Lama", None), ("Jangkar Mulya", None)]),
    ("Muara Baru", (500, 4500), [
        ("Delta Jaya", (900, 5600)), ("Muara Asri", None), ("Kampung Bakau", (-700, 4800)),
        ("Pasir Landai", None),
        ("Tambatan Perahu", None), ("Bahtera Asri", None)]),
    ("Pasar Lama", (4000, 2600), [
        ("Pantai Mutiara Timur", (4900, 6000)), ("Pecinan Lama", None), ("Lumbung Padi", None),
        ("Taman Sekar", None),
        ("Kebon Sawo", None), ("Niaga Jaya", None)]),
    ("Tanjung Bahari", (7600, 3100), [
        ("Angkasa Jaya", (6800, 700)), ("Ombak Biru", None), ("Tanjung Wangi", (8600, 5000)),
        ("Pandan Arum", None),
        ("Karang Ombak", None)]),
    ("Karang Sari", (-8000, 1600), [
        ("Tambak Kencana", None), ("Garam Putih", (-8700, 4000)), ("Karang Tirta", None),
        ("Bantar Asri", None),
        ("Sari Mulyo", None)]),
    ("Tanah Lapang", (-5400, -1700), [
        ("Lapang Jaya", None), ("Tegal Kencana", None), ("Ladang Hijau", None), ("Mekar Lapang", None),
        ("Sido Rukun", None), ("Simpang Raya", None)]),
    ("Kampung Tengah", (-1400, -400), [
        ("Alun-Alun", (-900, -450)), ("Kauman Tengah", None), ("Jembatan Lama", (200, 200)),
        ("Kebon Jati Raya", None),
        ("Sekar Tengah", None), ("Pahlawan", None), ("Stasiun", (-600, -1250))]),
    ("Cempaka", (3400, -1400), [
        ("Cempaka Wangi", None), ("Kenanga Asri", None), ("Bantaran Hijau", None), ("Kanal Barat", None),
        ("Melati Raya", None), ("Anyelir Jaya", None)]),
    ("Tirta Asri", (7700, -2600), [
        ("Tirta Kencana", None), ("Sumber Tirta", None), ("Griya Asri", None), ("Telaga Biru", None),
        ("Padi Mas", None)]),
    ("Sukamaju", (-5700, -6200), [
        ("Waduk Permai", (-5600, -8000)), ("Suka Rahayu", None), ("Suka Damai", None), ("Suka Tani", None),
        ("Mekar Wangi", None), ("Hulu Wening", None)]),
    ("Bukit Indah", (-700, -6900), [
        ("Bukit Cendana", None), ("Lereng Asri", None), ("Puncak Sari", None), ("Batu Lawang", None),
        ("Hulu Jernih", None), ("Bukit Permata", None)]),
    ("Wanasari", (5300, -6400), [
        ("Situ Asri", (3900, -6300)), ("Wana Mulya", None), ("Jati Rimba", None), ("Randu Wangi", None),
        ("Sumber Arum", None)]),
]  # fmt: skip
ISLANDS = ("Pulau Camar", "Pelabuhan")  # a kelurahan of islets only, and its kecamatan

# a tilde stands for the blank inside a name
_STREETS = (
    "Melati Kenanga Mawar Anggrek Kamboja Flamboyan Bougenville Dahlia Teratai Seruni Soka Alamanda "
    "Kemuning Tanjung Sedap~Malam Cendana Mahoni Akasia Beringin Trembesi Angsana Ketapang Randu Waru "
    "Asem Sawo Manggis Rambutan Duku Salak Nangka Belimbing Jambu Delima Kedondong Srikaya Cempedak "
    "Markisa Pala Cengkeh Lada Kayu~Manis Kapulaga Jahe Kunyit Serai Pandan Merak Cendrawasih Garuda "
    "Rajawali Elang Camar Bangau Kutilang Kenari Murai Merpati Perkutut Jalak Nuri Kakatua Gelatik "
    "Kepodang Pipit Walet Tengiri Kakap Kerapu Bandeng Mujair Gurami Tongkol Cakalang Lumba-Lumba "
    "Kerang Mutiara Karang Samudra Nakhoda Jangkar Dermaga Mercusuar Layar Bahtera Angin~Timur Fajar "
    "Senja Purnama Bintang Mentari Pelangi Embun Mega Guntur Halilintar Lembah Telaga Mata~Air "
    "Tirta~Kencana Kali~Asri Bantaran Tanggul Jembatan~Lama Lumbung Gudang Pasar~Baru Niaga Koperasi "
    "Pelajar Guru Perintis Bakti Karya Swadaya Gotong~Royong Rukun Damai Sentosa Makmur Sejahtera "
    "Harapan Cita-Cita Setia~Budi Kauman Pesantren Masjid~Agung Balai~Desa Lapangan Taman~Sari "
    "Kebon~Jati Kampung~Baru Ujung~Aspal Sidodadi Sumber~Rejo Suka~Rahayu Mekar~Sari Wana~Raya Rimba "
    "Bukit~Hijau Lereng Puncak Batu~Kali Pasir Intan Nilam Zamrud Safir Kecubung Giok Pualam Perunggu "
    "Perak Kencana Baja"
)
STREETS = [name.replace("~", " ") for name in _STREETS.split()]

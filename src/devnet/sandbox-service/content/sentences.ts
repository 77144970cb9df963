/** Sentences of everyday life in several languages and scripts, from which texts are put together. */
import type { Random } from './random.js'

const sentences = {
  en: [
    'The first ferry was late again, so I drew the harbour instead.',
    'Anyone have a spare bicycle pump for the weekend?',
    'Finished the last chapter on the train and missed my stop.',
    'Bread turned out better than the recipe promised.',
    'We are moving the reading group to Thursday.',
    'Four hours of rain, one hour of the best light this year.',
    'If you planted tomatoes in March: please tell me how.',
    'Grandmother’s radio still works. It only plays jazz.',
    'Small victory: the door no longer squeaks.',
    'Thank you all for coming; the chairs will be collected tomorrow.',
  ],
  de: [
    'Heute früh um vier war die Stadt ganz leise.',
    'Der neue Ofen läuft, endlich gleichmäßige Hitze.',
    'Wer fährt am Samstag mit über den Deich?',
    'Übermäßig süß, aber die Kinder mögen’s.',
    'Der Zug fiel aus, also bin ich sechzig Kilometer geradelt.',
    'Straßenfest in der Größe eines Wohnzimmers, und trotzdem kamen alle.',
  ],
  fr: [
    'Le marché était presque vide, mais il restait des figues.',
    'On a réparé la barque à deux, sans se disputer.',
    'À bientôt à l’atelier, n’oubliez pas vos gants.',
    'Un été sans cigales, c’est un été sans nouvelles.',
  ],
  es: [
    '¿Alguien sabe arreglar un reloj de pared?',
    'Mañana abrimos a las ocho, con café para todos.',
    'El niño señaló la luna y dijo «lámpara».',
    'Llovió tanto que el perro aprendió a esperar.',
  ],
  pt: [
    'A maré levou o balde mas devolveu a bola.',
    'Amanhã há ensaio, tragam as violas.',
    'Não há pressa: o barco só sai às sete.',
  ],
  ar: [
    'وجدتُ اليوم نبتةً لم أرَها منذ الطفولة.',
    'القهوة جاهزة، والباب مفتوح للجميع.',
    'هطل المطر أخيرًا على الحديقة.',
    'من يعرف اسم هذه الزهرة البيضاء؟',
    'سنلتقي يوم الخميس في الساعة 18:30 إن شاء الله.',
  ],
  he: ['הספרייה פתוחה עד מאוחר היום.', 'מי לקח את המטרייה הירוקה?', 'השקיעה הייתה שווה את העלייה.'],
  ja: [
    '朝の市場で柚子を買いました。',
    '電車が止まったので、川沿いを歩いて帰った。',
    '来週の読書会は木曜日に変更です。',
    '猫が段ボール箱を気に入ったようだ。',
  ],
  zh: ['今天的茶比昨天的好喝。', '雨停以后，整条街都在发光。', '谁想一起去看老电影？'],
  hi: ['आज की चाय में अदरक ज़्यादा था।', 'रेलगाड़ी समय पर आई, यह भी एक ख़बर है।', 'छत पर पौधे अब दो मंज़िल ऊँचे हैं।'],
  ru: [
    'Сегодня наконец починили лифт.',
    'Пирог удался, рецепт пришлю вечером.',
    'Кто забыл зонт в читальном зале?',
  ],
} as const satisfies Record<string, readonly string[]>

export type Language = keyof typeof sentences
const languages = Object.keys(sentences) as Language[]

const emoji = ['🌊', '🚲', '🍞', '🌱', '📚', '👩🏽‍🌾', '🏳️‍🌈', '🫖', '☔️', '👨‍👩‍👧‍👦', '🎻', '🇵🇹']
const tags = [
  'harbour',
  'bread',
  'سفر',
  'garten',
  '散歩',
  'night-shift',
  'readinggroup',
  'fahrrad',
  'botany',
  'wednesday',
]

/** A language: mostly the person's own. */
export function languageOf(random: Random, own: Language): Language {
  return random.chance(65) ? own : random.pick(languages)
}

/** `count` sentences of one language, with an emoji now and then. */
export function textOf(random: Random, language: Language, count: number): string {
  const list: readonly string[] = sentences[language]
  const parts: string[] = []
  const first = random.int(list.length)
  for (let n = 0; n < count; n++) parts.push(list[(first + n) % list.length] ?? '')
  if (random.chance(35)) parts.push(random.pick(emoji))
  return parts.join(' ')
}

export function tagsOf(random: Random): string[] {
  return random.chance(40) ? [random.pick(tags), random.pick(tags)] : []
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text made safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}

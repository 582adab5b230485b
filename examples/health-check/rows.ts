/** A question as a clinic has it in a table. */
export interface Row {
  id: string;
  ask: string;
  kind: 'text' | 'number' | 'yes or no' | 'day' | string[];
  /** Asked only after a certain answer to a question before it. */
  only?: { if: string; is: string | boolean };
  /** Whether the patient may skip it. */
  optional?: true;
}

export const rows: readonly Row[] = [
  { id: 'name', ask: 'What is your full name?', kind: 'text' },
  { id: 'born', ask: 'When were you born?', kind: 'day' },
  { id: 'sex', ask: 'Which sex is in your passport?', kind: ['female', 'male', 'other'] },
  { id: 'height', ask: 'How tall are you, in centimetres?', kind: 'number' },
  { id: 'weight', ask: 'How much do you weigh, in kilograms?', kind: 'number' },
  { id: 'job', ask: 'What is your job?', kind: 'text', optional: true },
  { id: 'standing', ask: 'Do you stand or sit most of the day?', kind: ['stand', 'sit', 'both'] },
  { id: 'nights', ask: 'Do you work at night?', kind: 'yes or no' },
  {
    id: 'nightsAWeek',
    ask: 'How many nights a week?',
    kind: 'number',
    only: { if: 'nights', is: true },
  },
  { id: 'smoker', ask: 'Do you smoke?', kind: ['yes', 'no', 'no longer'] },
  {
    id: 'cigarettes',
    ask: 'How many cigarettes a day?',
    kind: 'number',
    only: { if: 'smoker', is: 'yes' },
  },
  {
    id: 'stopped',
    ask: 'In which year did you stop?',
    kind: 'number',
    only: { if: 'smoker', is: 'no longer' },
  },
  { id: 'alcohol', ask: 'Do you drink alcohol?', kind: ['never', 'at times', 'every day'] },
  {
    id: 'glasses',
    ask: 'How many glasses a day?',
    kind: 'number',
    only: { if: 'alcohol', is: 'every day' },
  },
  { id: 'sport', ask: 'Do you do any sport?', kind: 'yes or no' },
  { id: 'whichSport', ask: 'Which sport?', kind: 'text', only: { if: 'sport', is: true } },
  { id: 'hours', ask: 'How many hours a week?', kind: 'number', only: { if: 'sport', is: true } },
  { id: 'sleep', ask: 'How many hours do you sleep at night?', kind: 'number' },
  { id: 'diet', ask: 'What do you eat?', kind: ['everything', 'no meat', 'vegan'] },
  { id: 'allergies', ask: 'Do you have allergies?', kind: 'yes or no' },
  { id: 'whichAllergies', ask: 'Which ones?', kind: 'text', only: { if: 'allergies', is: true } },
  {
    id: 'emergency',
    ask: 'Do you carry medicine for an attack?',
    kind: 'yes or no',
    only: { if: 'allergies', is: true },
  },
  { id: 'medicine', ask: 'Do you take medicine regularly?', kind: 'yes or no' },
  { id: 'whichMedicine', ask: 'Which medicine?', kind: 'text', only: { if: 'medicine', is: true } },
  {
    id: 'thinner',
    ask: 'Is a blood thinner among it?',
    kind: 'yes or no',
    only: { if: 'medicine', is: true },
  },
  { id: 'surgery', ask: 'Have you ever had surgery?', kind: 'yes or no' },
  {
    id: 'lastSurgery',
    ask: 'In which year was the last one?',
    kind: 'number',
    only: { if: 'surgery', is: true },
  },
  {
    id: 'anaesthetic',
    ask: 'Did you tolerate the anaesthetic well?',
    kind: 'yes or no',
    only: { if: 'surgery', is: true },
  },
  {
    id: 'heart',
    ask: 'Has a doctor ever found something wrong with your heart?',
    kind: 'yes or no',
  },
  { id: 'whatHeart', ask: 'What was it?', kind: 'text', only: { if: 'heart', is: true } },
  { id: 'pressure', ask: 'Is your blood pressure too high?', kind: ['yes', 'no', 'I do not know'] },
  { id: 'sugar', ask: 'Do you have diabetes?', kind: 'yes or no' },
  {
    id: 'insulin',
    ask: 'Do you inject insulin?',
    kind: 'yes or no',
    only: { if: 'sugar', is: true },
  },
  { id: 'pain', ask: 'Are you in pain at the moment?', kind: 'yes or no' },
  { id: 'where', ask: 'Where does it hurt?', kind: 'text', only: { if: 'pain', is: true } },
  { id: 'howMuch', ask: 'How much, from 1 to 10?', kind: 'number', only: { if: 'pain', is: true } },
  {
    id: 'pregnant',
    ask: 'Are you pregnant?',
    kind: 'yes or no',
    only: { if: 'sex', is: 'female' },
  },
  { id: 'family', ask: 'Which illnesses are there in your family?', kind: 'text', optional: true },
  { id: 'visit', ask: 'Which day suits you for the visit?', kind: 'day' },
  { id: 'note', ask: 'What else should we know?', kind: 'text', optional: true },
];

/** The questions of the quiz, as a file or a database would have them. */
export const rounds = [
  {
    question: 'Which planet is the largest?',
    options: ['Mars', 'Jupiter', 'Venus'],
    right: 'Jupiter',
  },
  { question: 'Which of them has eight legs?', options: ['ant', 'spider', 'fly'], right: 'spider' },
  { question: 'Where is the Eiffel Tower?', options: ['Paris', 'London', 'Rome'], right: 'Paris' },
];
